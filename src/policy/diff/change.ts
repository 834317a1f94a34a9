/**
 * What a change of a policy is, and the means to find one: entries side by side, and what was added to a list.
 *
 * A change is `against` the people concerned where more is done with their data, or they can do less about it, `for` them
 * where it is the other way round, and `unclear` where that depends on the reader. Whatever cannot be compared is unclear.
 */

import type { JsonValue } from '../../store.ts'
import { sameValue } from '../../values/canonical.ts'
import type { Field, Policy, Text } from '../model.ts'
import type { ChangeRule } from './phrases.ts'

/** For or against the people concerned, as far as can be told. */
export type Direction = 'for' | 'against' | 'unclear'

/** A change as it is found; it is put into words afterwards. */
export interface Found {
  readonly rule: ChangeRule
  /** What it tells of: everything at that place. */
  readonly path: string
  /** Further places that it tells of. */
  readonly also?: readonly string[]
  readonly clause: string
  readonly direction: Direction
  /** Whether consent must be asked for anew before data are used so. */
  readonly needsConsent?: boolean
  /** What the phrase of the rule is filled with; a list is joined with commas. */
  readonly words: Readonly<Record<string, Word | readonly Word[]>>
}

/** A text of a policy, or what reads the same in every language. */
export type Word = Text | string

/** Both versions. */
export interface Versions {
  readonly before: Policy
  readonly after: Policy
}

/** An entry of both versions, or of one. */
export interface Entry<T> {
  readonly name: string
  readonly was: T | undefined
  readonly is: T | undefined
}

/** The entries of two records side by side, in the order of the later one; those that are gone come last. */
export function entries<T>(
  before: Readonly<Partial<Record<string, T>>>,
  after: Readonly<Partial<Record<string, T>>>,
): Entry<T>[] {
  const names = new Set([...Object.keys(after), ...Object.keys(before)])
  const of = (all: Readonly<Partial<Record<string, T>>>, name: string) =>
    Object.hasOwn(all, name) ? all[name] : undefined
  return [...names].map((name) => ({ name, was: of(before, name), is: of(after, name) }))
}

/** What is in the second list and not in the first. */
export const added = <T>(before: readonly T[] = [], after: readonly T[] = []): T[] =>
  after.filter((each) => !before.includes(each))

/** Whether two parts of a policy say the same; what is absent says nothing. */
export const same = (a: unknown, b: unknown): boolean =>
  a === undefined || b === undefined ? a === b : sameValue(a as JsonValue, b as JsonValue)

/** The places at which two parts of a policy differ, as deep as both have names in common; a list is one place. */
export function differences(was: unknown, is: unknown, path: string): string[] {
  if (same(was, is)) return []
  if (!isNamed(was) || !isNamed(is)) return [path]
  return entries(was, is).flatMap((member) =>
    differences(member.was, member.is, path === '' ? member.name : `${path}.${member.name}`),
  )
}

/** Whether a category is a special one (GDPR 9). */
export const isSpecial = ({ categories }: Policy, name: string): boolean =>
  Object.hasOwn(categories, name) && categories[name]?.kind === 'special'

/** Whether a part of a policy has named members. */
export const isNamed = (part: unknown): part is Readonly<Record<string, unknown>> =>
  typeof part === 'object' && part !== null && !Array.isArray(part)

/** What people call an entry; its name where it is in neither version. */
export const labelOf = (
  name: string,
  ...all: readonly Readonly<Record<string, { readonly label: Text }>>[]
): Word => all.find((each) => Object.hasOwn(each, name))?.[name]?.label ?? name

/** What people call a field that is named `group.field`. */
export function fieldLabel(path: string, { before, after }: Versions): Word {
  const [owner = '', name = ''] = path.split('.')
  for (const { groups, services } of [after, before]) {
    const fields: Readonly<Record<string, Field>> = (groups[owner] ?? services[owner])?.fields ?? {}
    const label = fields[name]?.label
    if (label !== undefined) return label
  }
  return path
}
