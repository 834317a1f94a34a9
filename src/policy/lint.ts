/**
 * What is wrong, doubtful or worth knowing about a policy on a day. Every finding comes from a rule of one table and
 * names the clause of the policy it concerns, the provision it rests on and what to do about it.
 *
 * Invariant: a finding is never silenced by another, and linting decides nothing: what the law denies on that day is
 * denied whether or not anybody linted. A policy without findings is not thereby lawful; this is not legal advice.
 */

import { calendarDate } from '../calendar.ts'
import type { CalendarDate } from '../environment.ts'
import { shaped } from './define.ts'
import { contradictionRules } from './lint/contradictions.ts'
import { dataRules } from './lint/data.ts'
import { noticeRules } from './lint/notice.ts'
import { purposeRules } from './lint/purposes.ts'
import { recipientRules } from './lint/recipients.ts'
import type { LintRule } from './lint/rule.ts'
import type { Policy } from './model.ts'

/** How much a finding matters: what each means stands at {@link Finding}. */
export type Severity = LintRule['severity']

/** One thing that a rule found. */
export interface Finding {
  /** The id of a rule of {@link lintRules}. */
  readonly rule: string
  /** `error`: unlawful or unenforceable as it stands; `warning`: likely to be; `note`: worth knowing. */
  readonly severity: Severity
  /** Where in the policy, for example `recipients.support-desk.country`. */
  readonly path: string
  /** The clause of the written policy; empty where what was found is that there is none. */
  readonly clause: string
  /** What is the matter, to be read after the path. */
  readonly says: string
  readonly remedy: string
  /** The provision or promise the rule rests on. */
  readonly source: string
}

/** Every rule there is. */
export const lintRules: readonly LintRule[] = [
  ...contradictionRules,
  ...purposeRules,
  ...recipientRules,
  ...dataRules,
  ...noticeRules,
]

const weight: Readonly<Record<Severity, number>> = { error: 0, warning: 1, note: 2 }

/**
 * The findings on a policy as of a day: errors first, then by path and rule. An empty list where there are none.
 * What contradicts itself, so that `parsePolicy` would refuse it, can be linted as well, as long as it has the shape of
 * a policy, for example when it comes from a JSON file.
 * @throws InvalidInput `policy.invalid` where it has not, with the path of the first offending field; `input.invalid`
 * where `on` is no date
 */
export function lintPolicy(value: unknown, { on }: { readonly on: CalendarDate }): Finding[] {
  calendarDate(on, 'on')
  const policy = shaped(value)
  return lintRules
    .flatMap(({ id, severity, remedy, source, check }) =>
      [...check(policy, on)].map(
        ({ path, says }): Finding => ({
          rule: id,
          severity,
          path,
          clause: clauseAt(policy, path),
          says,
          remedy,
          source,
        }),
      ),
    )
    .sort((a, b) => weight[a.severity] - weight[b.severity] || order(a.path, b.path) || order(a.rule, b.rule))
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** The clause of the innermost entry on a path. */
function clauseAt(policy: Policy, path: string): string {
  let clause = ''
  let at: unknown = policy
  for (const step of path.split(/[.[\]]+/)) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) break
    at = (at as Readonly<Record<string, unknown>>)[step]
    if (typeof at === 'object' && at !== null && 'clause' in at) clause = String(at.clause)
  }
  return clause
}
