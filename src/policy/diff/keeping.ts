/** What changed in how long data are kept, in the rights people have, and in what is promised on security and statistics. */

import type {
  Backups,
  DenialRoute,
  Exemption,
  Policy,
  Retention,
  Right,
  Text,
  Undertaking,
} from '../model.ts'
import { en } from '../render/en.ts'
import { fi } from '../render/fi.ts'
import { added, entries, type Found, labelOf, type Versions } from './change.ts'

export const keepingChanges = (versions: Versions): Found[] => [
  ...retentionChanges(versions),
  ...backupChanges(versions),
  ...rightChanges(versions),
  ...routeChanges(versions),
  ...securityChanges(versions),
  ...thresholdChanges(versions),
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
    const of = { path: `retention.${name}`, clause: is.clause }
    const label = labelOf(name, after.categories, before.categories)
    const compared = (how: Order, texts: readonly [Text, Text]): Found[] => {
      if (how === 'same') return []
      const words = { name: label, before: texts[0], after: texts[1] }
      if (how === null) return [{ ...of, rule: 'change.kept-otherwise', direction: 'unclear', words }]
      return [{ ...of, rule: ruleOf[how], direction: directionOf[how], words }]
    }
    return [
      ...compared(keepOrder(was.keep, is.keep), [was.says, is.says]),
      ...exemptions({ was, is, of, label, compared }),
    ]
  })
}

function exemptions({
  was: { exemption: was },
  is: { exemption: is },
  of,
  label: name,
  compared,
}: {
  readonly was: Retention
  readonly is: Retention
  readonly of: Pick<Found, 'path' | 'clause'>
  readonly label: Found['words'][string]
  compared(how: Order, texts: readonly [Text, Text]): Found[]
}): Found[] {
  if (was && is) return compared(exemptionOrder(was, is), [was.says, is.says])
  if (is)
    return [{ ...of, rule: 'change.exemption-added', direction: 'against', words: { name, says: is.says } }]
  return was ? [{ ...of, rule: 'change.exemption-removed', direction: 'for', words: { name } }] : []
}

function backupChanges({ before: { backups: was }, after: { backups: is } }: Versions): Found[] {
  const change = ({ clause }: Backups, how: 'longer' | 'shorter'): Found[] => [
    { path: 'backups', clause, rule: `change.backups-${how}`, direction: directionOf[how], words: {} },
  ]
  // Without a period nobody can say when what was erased is gone from backups.
  if (was && !is) return change(was, 'longer')
  if (is && !was) return change(is, 'shorter')
  if (!was || !is) return []
  const how = order(was.keys, is.keys)
  return how === 'longer' || how === 'shorter' ? change(is, how) : []
}

function rightChanges({ before, after }: Versions): Found[] {
  return entries<Undertaking>(before.rights, after.rights).flatMap(({ name, was, is }): Found[] => {
    if (was && is) return []
    const right = name as Right
    const words = { name: { en: en.right[right], fi: fi.right[right] } }
    const of = { path: `rights.${name}`, clause: (is ?? was)?.clause ?? '', words }
    return [
      is
        ? { ...of, rule: 'change.right-added', direction: 'for' }
        : { ...of, rule: 'change.right-removed', direction: 'against' },
    ]
  })
}

function routeChanges({ before: { denials: was }, after: { denials: is } }: Versions): Found[] {
  const clause = (is ?? was)?.clause ?? ''
  const change = (rule: Found['rule'], direction: Found['direction']) => (route: DenialRoute) => {
    const words = { name: { en: en.route[route], fi: fi.route[route] } }
    return { path: 'denials.by', clause, rule, direction, words }
  }
  return [
    ...added(was?.by, is?.by).map(change('change.route-added', 'for')),
    ...added(is?.by, was?.by).map(change('change.route-removed', 'against')),
  ]
}

function securityChanges({ before, after }: Versions): Found[] {
  return entries<Undertaking>(before.security, after.security).flatMap(({ name, was, is }): Found[] => {
    const path = `security.${name}`
    if (is && !was) {
      const { clause, says } = is
      return [{ path, clause, rule: 'change.security-added', direction: 'for', words: { name: says } }]
    }
    if (is || !was) return []
    const { clause, says } = was
    return [{ path, clause, rule: 'change.security-removed', direction: 'against', words: { name: says } }]
  })
}

function thresholdChanges({ before, after }: Versions): Found[] {
  const [was, is] = [before, after].map(({ publications }: Policy) => publications.protection.k) as [
    number,
    number,
  ]
  if (was === is) return []
  const of = { path: 'publications.protection.k', clause: after.publications.clause }
  const words = { before: String(was), after: String(is) }
  return is < was
    ? [{ ...of, rule: 'change.threshold-lowered', direction: 'against', words }]
    : [{ ...of, rule: 'change.threshold-raised', direction: 'for', words }]
}
