/**
 * What changed in how long data are kept, what outlives an erasure, and for how long backups do. Periods are compared as
 * far as they count from the same moment; of others it is said that they are counted differently.
 */

import type { Backups, Exemption, Policy, Retention, Text } from '../model.ts'
import { entries, type Found, labelOf, type Versions, type Word } from './change.ts'

export const keepingChanges = (versions: Versions): Found[] => [
  ...retentionChanges(versions),
  ...backupChanges(versions),
]

type Span = { readonly [unit in 'hours' | 'days' | 'months' | 'years']?: number }

/** In hours, of months as long as they are on average: enough to tell the longer of two. */
const hoursOf = ({ hours = 0, days = 0, months = 0, years = 0 }: Span): number =>
  hours + 24 * (days + 30.436875 * (months + 12 * years))

/** Which of two is longer; `null` where they cannot be compared. */
type Order = 'longer' | 'shorter' | 'same' | null

const order = (before: Span, after: Span): Order => {
  const difference = hoursOf(after) - hoursOf(before)
  return difference === 0 ? 'same' : difference > 0 ? 'longer' : 'shorter'
}

function keepOrder(before: Retention['keep'], after: Retention['keep']): Order {
  if (typeof before === 'string' || typeof after === 'string') return before === after ? 'same' : null
  return before.after === after.after ? order(before, after) : null
}

const exemptionOrder = ({ rule: before }: Exemption, { rule: after }: Exemption): Order =>
  before.from === after.from ? order(before, after) : null

const ruleOf = { longer: 'change.kept-longer', shorter: 'change.kept-shorter' } as const
const directionOf = { longer: 'against', shorter: 'for' } as const

function retentionChanges({ before, after }: Versions): Found[] {
  return entries(before.retention, after.retention).flatMap(({ name, was, is }): Found[] => {
    // What is kept at all is told where it is told of its category.
    if (!was || !is) return []
    const path = `retention.${name}`
    const of = { clause: is.clause, label: labelOf(name, after.categories, before.categories) }
    const also = [`${path}.says`, ...elsewhere(name, after)]
    return [
      ...compared(keepOrder(was.keep, is.keep), {
        ...of,
        path: `${path}.keep`,
        also,
        texts: [was.says, is.says],
      }),
      ...exemptions({ was: was.exemption, is: is.exemption, path: `${path}.exemption`, ...of }),
    ]
  })
}

/** Where the retention of the library's own records is said a second time, the same (`definePolicy` sees to it). */
function elsewhere(category: string, { ownData }: Policy): string[] {
  const said = { visits: 'publications.rawHours', publications: 'publications.keepMonths' } as const
  return (['visits', 'publications'] as const).flatMap((own) =>
    ownData[own] === category ? [said[own]] : [],
  )
}

interface Compared {
  readonly path: string
  readonly also: readonly string[]
  readonly clause: string
  readonly label: Word
  readonly texts: readonly [Text, Text]
}

function compared(how: Order, { label, texts: [before, after], ...of }: Compared): Found[] {
  if (how === 'same') return []
  const words = { name: label, before, after }
  if (how === null) return [{ ...of, rule: 'change.kept-otherwise', direction: 'unclear', words }]
  return [{ ...of, rule: ruleOf[how], direction: directionOf[how], words }]
}

interface ExemptionPair {
  readonly was: Exemption | undefined
  readonly is: Exemption | undefined
  readonly path: string
  readonly clause: string
  readonly label: Word
}

function exemptions({ was, is, path, clause, label: name }: ExemptionPair): Found[] {
  if (was && is) {
    const place = { path: `${path}.rule`, also: [`${path}.says`] }
    return compared(exemptionOrder(was, is), { ...place, clause, label: name, texts: [was.says, is.says] })
  }
  const of = { path, clause }
  if (is) {
    return [{ ...of, rule: 'change.exemption-added', direction: 'against', words: { name, says: is.says } }]
  }
  return was ? [{ ...of, rule: 'change.exemption-removed', direction: 'for', words: { name } }] : []
}

function backupChanges({ before: { backups: was }, after: { backups: is } }: Versions): Found[] {
  const change = ({ clause }: Backups, how: 'longer' | 'shorter'): Found[] => [
    { path: 'backups.keys', clause, rule: `change.backups-${how}`, direction: directionOf[how], words: {} },
  ]
  // Without a period nobody can say when what was erased is gone from backups.
  if (was && !is) return change(was, 'longer')
  if (is && !was) return change(is, 'shorter')
  if (!was || !is) return []
  const how = order(was.keys, is.keys)
  return how === 'longer' || how === 'shorter' ? change(is, how) : []
}
