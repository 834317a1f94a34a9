/**
 * Lists of denials that others keep (a Robinson list), as files: which contacts stand in them, and what is wrong with
 * them.
 *
 * A list can only deny: what is read from it becomes a denial, never a consent. Of a cell that is not an address or a
 * number only its line and the kind of fault are told, never what stood there: it may be a person's data all the same.
 * A formula is no address, so it is a fault like any other. A national number needs the calling code of the list: two
 * countries have the same numbers.
 */

import * as z from 'zod'
import { isInYearBefore } from '../calendar.ts'
import type { Instant } from '../environment.ts'
import { InvalidInput } from '../errors.ts'
import { idParser, instantParser } from '../parsing.ts'
import { contactForm, isCallingCode, reachedBy } from './contact.ts'
import type { CsvRow, Separator } from './csv.ts'

/** A column with addresses or numbers: by its name in the first row; or by its place from 1, and there is no such row. */
export interface BanListColumn {
  readonly column: string | number
  readonly holds: 'email' | 'phone'
}

/** A list as a host hands it in. */
export interface BanList<Purpose extends string = string> {
  /** UTF-8, in pieces as they come. */
  readonly csv: AsyncIterable<string | Uint8Array>
  /** A name of the policy's `denialLists`, which says how long a denial from it lasts. */
  readonly list: string
  /** What those on the list denied. */
  readonly purposes: readonly Purpose[]
  readonly columns: readonly BanListColumn[]
  /** The moment as of which the list was given out, within the year before now: denials count from it. */
  readonly asOf: Instant
  /** Who imports it. */
  readonly operator: string
  /** Absent: a comma. */
  readonly separator?: Separator
  /** For numbers in national form, `+358`, of a country whose trunk prefix is known. Absent: those are faults. */
  readonly callingCode?: string
}

/** What is wrong with a row, or with a cell of it. */
export type BanListFault = 'quotes' | 'columns' | 'empty' | 'not-an-email' | 'not-a-phone' | 'no-country'

/** What a list holds, and what came of it, or would. */
export interface BanListReport {
  readonly rows: number
  /** Addresses and numbers that could be read, each once. */
  readonly contacts: number
  /** Those that stood in it again. */
  readonly duplicates: number
  /** Rows and cells that could not be read, and the first thousand of them by line. */
  readonly invalid: number
  readonly faults: readonly { readonly line: number; readonly reason: BanListFault }[]
  /** People of the register that a contact of the list belongs to. */
  readonly known: number
  /** Contacts under which a denial is kept now, or would be, that was not there. */
  readonly suppressed: number
  /** Denials recorded of those people, or that would be. */
  readonly denied: number
}

/** What is read of a list besides its file. */
export type BanListTerms = Omit<BanList, 'csv'>

export const mostRows = 2_000_000
export const mostFaults = 1_000

/** Parses a list as far as it has a file; the rest of it is for {@link termsParser}. */
export const listParser: z.ZodType<BanList> = z.custom<BanList>(
  (value) => typeof value === 'object' && value !== null && isIterable((value as Partial<BanList>).csv),
)

const isIterable = (csv: unknown): boolean =>
  typeof csv === 'object' &&
  csv !== null &&
  typeof (csv as BanList['csv'])[Symbol.asyncIterator] === 'function'

/** A list that is older says little, and most of its denials have ended. @throws InvalidInput `input.invalid` */
export function checkDate({ asOf }: BanListTerms, now: Instant): void {
  if (isInYearBefore(now, asOf)) return
  throw new InvalidInput('input.invalid', 'list.asOf must lie within the year before now', {
    path: 'list.asOf',
  })
}

/** Numbers, each new once: a `Set` takes no more than 2^24, and a long list with several columns has more. */
export interface Seen {
  isNew(number: number): boolean
}

/** @param most Numbers that one set takes. */
export function seenIn(most = 2 ** 23): Seen {
  const sets = [new Set<number>()]
  return {
    isNew(number) {
      if (sets.some((set) => set.has(number))) return false
      if ((sets.at(-1)?.size ?? most) >= most) sets.push(new Set())
      sets.at(-1)?.add(number)
      return true
    },
  }
}

export const termsParser: z.ZodType<BanListTerms> = z.strictObject({
  list: idParser,
  purposes: z.array(idParser).min(1).max(50),
  columns: z
    .array(
      z.strictObject({
        column: z.union([z.string().min(1).max(200), z.int().min(1).max(1_000)]),
        holds: z.enum(['email', 'phone']),
      }),
    )
    .min(1)
    .max(10)
    .refine((columns) => new Set(columns.map(({ column }) => typeof column)).size === 1),
  asOf: instantParser,
  operator: idParser,
  separator: z.exactOptional(z.enum([',', ';', '\t'])),
  callingCode: z.exactOptional(z.string().refine(isCallingCode)),
})

/** A column by its place from 0. */
export interface Placed {
  readonly at: number
  readonly holds: BanListColumn['holds']
}

/**
 * Where the columns are, and whether the first row names them.
 * @throws InvalidInput `input.invalid` where a name is not in the first row, or is there twice
 */
export function placed(
  { columns }: BanListTerms,
  first: CsvRow | undefined,
): { columns: Placed[]; named: boolean } {
  const named = typeof columns[0]?.column === 'string'
  const names = (first?.fields ?? []).map((name) => name.trim().toLowerCase())
  const all = columns.map(({ column, holds }, i): Placed => {
    if (typeof column === 'number') return { at: column - 1, holds }
    const name = column.trim().toLowerCase()
    const at = names.indexOf(name)
    if (at >= 0 && names.lastIndexOf(name) === at) return { at, holds }
    const path = `list.columns[${i}].column`
    throw new InvalidInput('input.invalid', `${path} must stand once in the first row`, { path })
  })
  return { columns: all, named }
}

/** An address or number, in the form in which contacts are compared. */
export interface Contact {
  readonly contact: string
  readonly holds: BanListColumn['holds']
}

/** What a row says. */
export interface ReadRow {
  readonly contacts: readonly Contact[]
  readonly faults: readonly BanListFault[]
}

/** Reads a row. Of a row with one bad cell the others count: each is somebody's denial. */
export function readRow(
  { fields }: CsvRow,
  {
    columns,
    callingCode,
  }: { readonly columns: readonly Placed[]; readonly callingCode?: string | undefined },
): ReadRow {
  if (fields === null) return { contacts: [], faults: ['quotes'] }
  if (columns.some(({ at }) => at >= fields.length)) return { contacts: [], faults: ['columns'] }
  const cells = columns.map(({ at, holds }) => ({ holds, text: (fields[at] ?? '').trim() }))
  const filled = cells.filter(({ text }) => text !== '')
  if (filled.length === 0) return { contacts: [], faults: ['empty'] }
  const read = filled.map(({ holds, text }) =>
    holds === 'email' ? emailOf(text) : phoneOf(text, callingCode),
  )
  return {
    contacts: read.flatMap((each) => ('contact' in each ? [each] : [])),
    faults: read.flatMap((each) => ('fault' in each ? [each.fault] : [])),
  }
}

type Read = Contact | { readonly fault: BanListFault }

const email = z.email().max(254)

function emailOf(text: string): Read {
  const contact = contactForm(text)
  return email.safeParse(contact).success ? { contact, holds: 'email' } : { fault: 'not-an-email' }
}

function phoneOf(text: string, callingCode: string | undefined): Read {
  const form = contactForm(text)
  if (!/^\+?[0-9]{4,15}$/.test(form)) return { fault: 'not-a-phone' }
  const contact = reachedBy(text, callingCode)
  if (contact !== null) return { contact, holds: 'phone' }
  return { fault: form.startsWith('+') ? 'not-a-phone' : 'no-country' }
}
