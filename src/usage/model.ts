/**
 * What goes into usage statistics and what comes out of them.
 *
 * In: a {@link Visit}, raw. Out: a {@link Publication}, one table for one closed day, and {@link Statistics}, several
 * days with roll-ups. The publishable types have no field where an address, a host name, a session id or a time of
 * day finer than the hour could stand: a cell is numbers and, at most, a {@link VisitSource}.
 */

import * as z from 'zod'
import type { CalendarDate, Instant } from '../environment.ts'
import { dateParser, idParser, instantParser } from '../parsing.ts'
import { type Dimension, lowestThreshold, type Measure, type Policy } from '../policy/model.ts'

/** One visit, as the host reports it (Pilvi policy, "Use log"). It is kept raw only for the policy's hours. */
export interface Visit {
  /** The host's id of the session: 1 to 200 characters. */
  readonly session: string
  /** IPv4 or IPv6. */
  readonly ip: string
  /** The DNS name of that address, where it was looked up. */
  readonly host?: string
  /** The referrer, as the browser sent it: at most 2,048 bytes. */
  readonly source?: string
  /** When; now, if left out. */
  readonly at?: Instant
}

/** What a policy says that statistics need. */
export type UsagePolicy = Pick<Policy, 'id' | 'version' | 'timeZone' | 'publications'>

declare const registrable: unique symbol
/** The registrable domain of a public site, for example `example.org`: never a host below it. */
export type RegistrableDomain = string & { readonly [registrable]: true }

/** Where visits came from: `internal` is the service itself, `unknown` whatever must not be named. */
export type VisitSource = 'direct' | 'internal' | 'unknown' | RegistrableDomain

/** One cell of a table: the dimensions the table has, then the measures it has. */
export interface Cell {
  /** The hour of the day in the publication's time zone, 0 to 23. */
  readonly hour?: number
  /** 1, Monday, to 7, Sunday. */
  readonly weekday?: number
  readonly source?: VisitSource
  /** Visits; of one session at most `visitsPerCell`. */
  readonly visits?: number
  /** Sessions of that day that were counted in this cell. */
  readonly sessions?: number
}

/** How the people in a publication are protected, with the promise and its limits in words. */
export interface Protection {
  readonly mode: 'threshold'
  /** A cell is released only if at least so many sessions were counted in it. */
  readonly k: number
  /** The privacy unit: one session on one day, not one person. */
  readonly unit: 'session-day'
  /** The most cells that one session of a day is counted in. */
  readonly cellsPerSession: number
  /** The most visits that one session adds to a cell. */
  readonly visitsPerCell: number
  readonly promise: string
  readonly limits: readonly string[]
}

/** One table of statistics for one closed day, as published: never changed afterwards. */
export interface Publication {
  readonly format: 'pilvi-privacy/publication'
  readonly formatVersion: 1
  readonly policy: { readonly id: string; readonly version: string }
  readonly day: CalendarDate
  /** IANA name: the day begins and ends here. */
  readonly timeZone: string
  readonly table: string
  readonly dimensions: readonly Dimension[]
  readonly measures: readonly Measure[]
  readonly protection: Protection
  /** In order of the dimensions. Cells that are not here were not released; nothing tells how many there are. */
  readonly cells: readonly Cell[]
}

/** What a roll-up is ordered by: the dimensions of the table, and those that follow from the day. */
export type RollUpDimension = Dimension | 'day'

/** A sum of released cells. */
export interface RollUpCell {
  readonly day?: CalendarDate
  readonly hour?: number
  readonly weekday?: number
  readonly source?: VisitSource
  readonly visits?: number
  /** Sums over days only: a session that comes on two days counts twice. */
  readonly sessionDays?: number
  /** Sums over cells of a day as well: a session that was counted in two cells counts twice. */
  readonly sessionCells?: number
}

/** A coarser table, computed from published cells and from nothing else. */
export interface RollUp {
  readonly by: readonly RollUpDimension[]
  readonly of: 'released-cells'
  readonly cells: readonly RollUpCell[]
}

/** The publications of several days and what they sum up to. */
export interface Statistics {
  readonly format: 'pilvi-privacy/statistics'
  readonly formatVersion: 1
  /** In order of the day. A day without a released cell is not here. */
  readonly publications: readonly Publication[]
  readonly rollUps: readonly RollUp[]
}

const hostParser = z.string().regex(/^[A-Za-z0-9._:-]{1,253}$/)
const referrerParser = z
  .string()
  .max(2_048)
  .refine((text) => text.isWellFormed() && !text.includes('\0') && encoded(text) <= 2_048)
const encoded = (text: string): number => new TextEncoder().encode(text).length

export const visitParser: z.ZodType<Visit> = z.strictObject({
  session: idParser,
  ip: z.union([z.ipv4(), z.ipv6()]),
  host: hostParser.exactOptional(),
  source: referrerParser.exactOptional(),
  at: instantParser.exactOptional(),
})

/** Which publication is asked for. */
export const whichParser: z.ZodType<{ readonly day?: CalendarDate; readonly table?: string }> =
  z.strictObject({
    day: z.exactOptional(dateParser),
    table: z.string().exactOptional(),
  })

const count = z.int().min(0)
// A host name in lower case, or one of the three words: that it is registrable is checked where it is made.
const source = z.custom<VisitSource>(
  (value) =>
    typeof value === 'string' && /^(direct|internal|unknown|[a-z0-9_-]+(\.[a-z0-9_-]+)+)$/.test(value),
)
const hour = z.int().min(0).max(23)
const weekday = z.int().min(1).max(7)
const words = z.string().min(1).max(2_000)

const cellParser: z.ZodType<Cell> = z.strictObject({
  hour: hour.exactOptional(),
  weekday: weekday.exactOptional(),
  source: source.exactOptional(),
  visits: count.exactOptional(),
  sessions: count.exactOptional(),
})

const protectionParser: z.ZodType<Protection> = z.strictObject({
  mode: z.literal('threshold'),
  k: z.int().min(lowestThreshold),
  unit: z.literal('session-day'),
  cellsPerSession: z.int().min(1),
  visitsPerCell: z.int().min(1),
  promise: words,
  limits: z.array(words),
})

export const publicationParser: z.ZodType<Publication> = z.strictObject({
  format: z.literal('pilvi-privacy/publication'),
  formatVersion: z.literal(1),
  policy: z.strictObject({ id: words, version: words }),
  day: dateParser,
  timeZone: words,
  table: words,
  dimensions: z.array(z.enum(['hour', 'weekday', 'source'])),
  measures: z.array(z.enum(['visits', 'sessions'])),
  protection: protectionParser,
  cells: z.array(cellParser),
})

const rollUpParser: z.ZodType<RollUp> = z.strictObject({
  by: z.array(z.enum(['day', 'hour', 'weekday', 'source'])),
  of: z.literal('released-cells'),
  cells: z.array(
    z.strictObject({
      day: z.exactOptional(dateParser),
      hour: hour.exactOptional(),
      weekday: weekday.exactOptional(),
      source: source.exactOptional(),
      visits: count.exactOptional(),
      sessionDays: count.exactOptional(),
      sessionCells: count.exactOptional(),
    }),
  ),
})

export const statisticsParser: z.ZodType<Statistics> = z.strictObject({
  format: z.literal('pilvi-privacy/statistics'),
  formatVersion: z.literal(1),
  publications: z.array(publicationParser),
  rollUps: z.array(rollUpParser),
})
