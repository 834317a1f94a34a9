/**
 * The single values that a policy consists of: texts, names, dates, counts and addresses, each with the words that
 * say what it must be. Refused are blank texts and control characters (they could break out of a rendered line),
 * dates that no calendar has, and names that are not `[a-z][a-zA-Z0-9-]*`.
 *
 * `Shape` ties a parser to its interface: a member missing in the parser, left over in it, or optional in one of
 * them only does not compile.
 */

import * as z from 'zod'
import { isCalendarDate } from '../calendar.ts'
import type { CalendarDate } from '../environment.ts'
import type { FieldKind, Text } from './model.ts'

/** The parsers of an interface's members: all of them, optional exactly where the interface says so. */
export type Shape<T> = {
  readonly [K in keyof T]-?: object extends Pick<T, K> ? z.ZodExactOptional<z.ZodType<T[K]>> : z.ZodType<T[K]>
}

export const maybe = <T extends z.ZodType>(schema: T): z.ZodExactOptional<T> => schema.exactOptional()

const plain = (value: string): boolean => value.trim() !== '' && !/\p{Cc}/u.test(value)

/** Text on one line; never blank, no control characters. */
export const words = z.string().refine(plain, 'must be text on one line')
/** Text on one line or several. */
const prose = z.string().refine((value) => plain(value.replaceAll('\n', ' ')), 'must be text')
export const text = z.strictObject({ en: prose, fi: maybe(prose) } satisfies Shape<Text>)
export const count = z.int().min(0, 'must be a whole number, not negative')
export const several = z.int().min(1, 'must be a whole number above zero')
export const email = z
  .string()
  .regex(/^[^\s@<>()"']+@[^\s@<>()"']+\.[^\s@<>()"']+$/, 'must be an e-mail address')
export const url = z.string().regex(/^https:\/\/[^\s<>"'`\\]+$/, 'must be a URL that begins with https://')
export const iri = z.string().regex(/^https?:\/\/[^\s<>"'`\\]+$/, 'must be an IRI that begins with http')
export const country = z.string().regex(/^[A-Z]{2}$/, 'must be two capital letters (ISO 3166-1)')

export const date = z.custom<CalendarDate>(isCalendarDate, 'must be a date like 2026-01-31')

export const set = <T extends z.ZodType>(each: T) =>
  z.array(each).refine((all) => new Set(all).size === all.length, 'must not name anything twice')
export const setOf = <const T extends string>(...names: readonly T[]) => set(z.enum(names))

/** Also refuses names every object has, because a look-up of one would find something where nothing was declared. */
const isName = (name: string): boolean =>
  /^[a-z][a-zA-Z0-9-]{0,63}$/.test(name) && !(name in Object.prototype)
export const name = z.string().refine(isName, 'must be a name like directMarketing or direct-marketing')

/** zod leaves out a member `__proto__` without a word; here it is refused like every other bad name. */
export const named = <T extends z.ZodType>(each: T) =>
  z
    .custom<Readonly<Record<string, unknown>>>(
      (value) => typeof value === 'object' && value !== null && !Object.hasOwn(value, '__proto__'),
      'must be an object whose members have names like direct-marketing',
    )
    .pipe(z.record(name, each))

/** What kinds of field there are. */
export const fieldKind: z.ZodType<FieldKind> = z.enum([
  'text',
  'email',
  'phone',
  'vat-id',
  'company-number',
  'address',
  'payment',
  'date',
  'number',
  'choice',
])

/** Kinds of field by which people can be looked up: a value of any other is shared by too many. */
export const lookupKinds: ReadonlySet<FieldKind> = new Set([
  'text',
  'email',
  'phone',
  'vat-id',
  'company-number',
  'payment',
])
