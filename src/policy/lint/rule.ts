/** What a rule of `lintPolicy` consists of, and the walks over a policy that several rules share. */

import type { CalendarDate } from '../../environment.ts'
import type { Category, Language, Policy, Purpose, Recipient, Text } from '../model.ts'

/** What a rule found, and where. */
export interface Hit {
  readonly path: string
  readonly says: string
}

/** A rule: what it finds, by which provision, and what to do about it. */
export interface LintRule {
  readonly id: `policy.${string}`
  readonly severity: 'error' | 'warning' | 'note'
  readonly finds: string
  /** The law, the written policy or the fact it rests on. */
  readonly source: string
  readonly remedy: string
  readonly check: (policy: Policy, on: CalendarDate) => Iterable<Hit>
}

export const purposesOf = (policy: Policy): [string, Purpose][] => Object.entries(policy.purposes)
export const recipientsOf = (policy: Policy): [string, Recipient][] => Object.entries(policy.recipients)
export const categoriesOf = (policy: Policy): [string, Category][] => Object.entries(policy.categories)

/** The member of that name, own ones only. */
export const named = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined

/** Every text of a policy, with its path. */
export function* textsOf(value: unknown, path = ''): Iterable<{ path: string; text: Text }> {
  if (typeof value !== 'object' || value === null) return
  if ('en' in value && typeof value.en === 'string') {
    yield { path, text: value as Text }
    return
  }
  for (const [name, member] of Object.entries(value)) {
    yield* textsOf(member, Array.isArray(value) ? `${path}[${name}]` : path === '' ? name : `${path}.${name}`)
  }
}

/** The texts that match a pattern, in whatever language. */
export function* matching(policy: Policy, pattern: RegExp): Iterable<string> {
  for (const { path, text } of textsOf(policy)) {
    for (const language of ['en', 'fi'] as const satisfies readonly Language[]) {
      if (pattern.test(text[language] ?? '')) yield `${path}.${language}`
    }
  }
}
