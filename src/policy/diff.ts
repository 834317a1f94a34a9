/**
 * What changed between two versions of a policy for the people concerned, in words.
 *
 * Invariant: two versions that say the same come to no change, and every place at which two differ is told of: by a rule
 * that compares what stands there, or, of what none compares (a wording, an address, a vocabulary), as worded differently.
 * That something needs consent anew is told of what is certain to; that nothing does is not advice (nothing here is legal
 * advice).
 *
 * @see GDPR 12(1), 13(3), 14(4); Article 29 Working Party, WP 260 rev.01, paragraphs 29-31
 */

import type { Direction, Found, Versions, Word } from './diff/change.ts'
import { dataChanges } from './diff/data.ts'
import { keepingChanges } from './diff/keeping.ts'
import { otherChanges } from './diff/otherwise.ts'
import { type ChangeRule, changePhrases } from './diff/phrases.ts'
import { promiseChanges } from './diff/promises.ts'
import { purposeChanges } from './diff/purposes.ts'
import { recipientChanges } from './diff/recipients.ts'
import type { Policy, Text } from './model.ts'
import { fill } from './render/phrases.ts'
import { written } from './render/telling.ts'

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
 * What changed: the version and the controller first, then by the kind of change, in the order of the later policy. Empty
 * exactly where both have one digest. Pure.
 * @example
 * ```ts
 * import { diffPolicy } from '@pilvi/privacy'
 * import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
 *
 * const { telemarketing: _, ...purposes } = pilviPolicy.purposes
 * const changes = diffPolicy(pilviPolicy, { ...pilviPolicy, purposes })
 * console.log(changes[0]?.direction, changes[0]?.says.en)
 * // → unclear Data are no longer used for this purpose: Telemarketing.
 * ```
 */
export function diffPolicy(before: Policy, after: Policy): PolicyChange[] {
  const versions = { before, after }
  const told = [
    ...versionChanges(versions),
    ...purposeChanges(versions),
    ...dataChanges(versions),
    ...recipientChanges(versions),
    ...keepingChanges(versions),
    ...promiseChanges(versions),
  ]
  return [...told, ...otherChanges(versions, told)].map(worded)
}

/** What a version changes by being one, and who answers for it. */
function versionChanges({ before, after }: Versions): Found[] {
  const { clause } = after.controller
  const date = { en: written({ language: 'en' }, after.date), fi: written({ language: 'fi' }, after.date) }
  const of = { clause, direction: 'unclear' } as const
  const both = (said: (policy: Policy) => string) => ({ before: said(before), after: said(after) })
  const changes: Found[] = []
  if (before.version !== after.version || before.date !== after.date) {
    const words = { ...both(({ version }) => version), date }
    changes.push({ ...of, path: 'version', also: ['date'], rule: 'change.version', words })
  }
  if (before.controller.name !== after.controller.name) {
    const words = both(({ controller }) => controller.name)
    changes.push({ ...of, path: 'controller.name', rule: 'change.controller', words })
  }
  return changes
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
