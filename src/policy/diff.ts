/**
 * What changed between two versions of a policy for the people concerned, in words.
 *
 * Invariant: two versions that say the same come to no change, and any other two to one at least: what no rule compares
 * (a wording, an address, a vocabulary) is told as worded differently, with its place. Left out are the version, its date
 * and the day of its review, which are what a new version changes by being one. That something needs consent anew is told
 * of what is certain to; that nothing does is not advice (nothing here is legal advice).
 *
 * @see GDPR 12(1), 13(3), 14(4); Article 29 Working Party, WP 260 rev.01, paragraphs 29-31
 */

import { type Direction, type Found, same, type Versions, type Word } from './diff/change.ts'
import { dataChanges } from './diff/data.ts'
import { keepingChanges } from './diff/keeping.ts'
import { type ChangeRule, changePhrases } from './diff/phrases.ts'
import { purposeChanges } from './diff/purposes.ts'
import { recipientChanges } from './diff/recipients.ts'
import type { Policy, Text } from './model.ts'
import { fill } from './render/phrases.ts'

export type { Direction } from './diff/change.ts'
export type { ChangeRule } from './diff/phrases.ts'

/** A change for the people concerned. */
export interface PolicyChange {
  /** A rule id, the same in code and docs: `change.purpose-added`. */
  readonly rule: ChangeRule
  /** Where in the policy: of what is gone, where it was. */
  readonly path: string
  readonly clause: string
  readonly direction: Direction
  /** Whether consent must be asked for anew before data are used so. */
  readonly needsConsent: boolean
  /** In English, and in Finnish where the texts of the policy are. */
  readonly says: Text
}

/**
 * What changed, by the kind of change and then in the order of the later policy; empty where nothing did. Pure.
 * @example
 * ```ts
 * import { diffPolicy } from '@pilvi/privacy'
 * import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
 *
 * const { telemarketing: _, ...purposes } = pilviPolicy.purposes
 * const [change] = diffPolicy(pilviPolicy, { ...pilviPolicy, version: '2', purposes })
 * console.log(change?.direction, change?.says.en) // for Data are no longer used for this purpose: Telemarketing.
 * ```
 */
export function diffPolicy(before: Policy, after: Policy): PolicyChange[] {
  const versions = { before, after }
  const told = [
    ...purposeChanges(versions),
    ...dataChanges(versions),
    ...recipientChanges(versions),
    ...keepingChanges(versions),
  ]
  return [...told, ...untold(versions, told)].map(worded)
}

/** What a version changes by being one. */
const own: ReadonlySet<string> = new Set(['version', 'date', 'reviewBy'])

/** Members whose entries are told one by one. */
const byEntry: ReadonlySet<string> = new Set([
  'categories',
  'groups',
  'services',
  'origins',
  'purposes',
  'recipients',
  'retention',
  'rights',
  'security',
])

/** The parts that differ and of which no change was told. */
function untold({ before, after }: Versions, told: readonly Found[]): Found[] {
  const [was, is] = [partsOf(before), partsOf(after)]
  const paths = [...new Set([...is.keys(), ...was.keys()])]
  return paths.flatMap((path): Found[] => {
    if (same(was.get(path), is.get(path))) return []
    if (told.some((change) => change.path === path || change.path.startsWith(`${path}.`))) return []
    const part = Object(is.get(path) ?? was.get(path)) as { readonly clause?: string }
    const clause = part.clause ?? after.controller.clause
    return [{ rule: 'change.otherwise', path, clause, direction: 'unclear', words: { name: path } }]
  })
}

/** The parts of a policy by their paths. */
function partsOf(policy: Policy): Map<string, unknown> {
  const parts = new Map<string, unknown>()
  for (const [member, value] of Object.entries(policy)) {
    if (own.has(member)) continue
    if (!byEntry.has(member)) parts.set(member, value)
    else for (const [name, entry] of Object.entries(value)) parts.set(`${member}.${name}`, entry)
  }
  return parts
}

function worded({ rule, path, clause, direction, needsConsent = false, words }: Found): PolicyChange {
  const { en, fi } = changePhrases[rule]
  const english = fill(en, spoken(words, ({ en: text }) => text) ?? {})
  const finnish = spoken(words, ({ fi: text }) => text)
  const says = { en: english, ...(finnish && { fi: fill(fi, finnish) }) }
  return { rule, path, clause, direction, needsConsent, says }
}

/** The words in one language; `null` where one of them is not in it. */
function spoken(
  words: Found['words'],
  of: (text: Text) => string | undefined,
): Record<string, string> | null {
  const said: Record<string, string> = {}
  for (const [name, word] of Object.entries(words)) {
    const list = (Array.isArray(word) ? word : [word]) as readonly Word[]
    const all = list.map((each) => (typeof each === 'string' ? each : of(each)))
    if (all.includes(undefined)) return null
    said[name] = all.join(', ')
  }
  return said
}
