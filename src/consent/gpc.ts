/**
 * The Global Privacy Control signal of a browser: `Sec-GPC: 1` says "do not sell or share".
 *
 * It denies the purposes that the policy maps to it (`denial.signal`). Its absence, and any other value, means nothing:
 * the signal is never a consent, and lifts no denial. Nor does it take back a consent that the person gave to the very
 * purpose: that word is the more specific one. Source: Global Privacy Control, "The Sec-GPC header field".
 */

import * as z from 'zod'
import { idParser } from '../parsing.ts'
import type { Policy } from '../policy/model.ts'
import type { ConsentEvent } from './model.ts'

/** The header fields of a request: as `fetch` has them, or as Node has them. */
export type RequestHeaders =
  | { get(name: string): string | null }
  | Readonly<Record<string, string | readonly string[] | undefined>>

/** What a browser said, with a person's id. */
export interface SignalInput {
  readonly subject: string
  readonly headers: RequestHeaders
}

/** What came of a signal. */
export interface SignalOutcome<Name extends string = string> {
  /** `none`: the browser said nothing, and nothing was looked at. */
  readonly signal: 'gpc' | 'none'
  /** What was recorded now; nothing while earlier denials stand. */
  readonly recorded: readonly ConsentEvent[]
  /** Purposes that the person's own consent keeps open. */
  readonly consented: readonly Name[]
}

/** Parses a signal; whatever the headers are, they are looked at by {@link parseGpc}. */
export const signalParser: z.ZodType<SignalInput> = z.strictObject({
  subject: idParser,
  headers: z.custom<RequestHeaders>(() => true),
})

/** Whether request headers carry `Sec-GPC: 1`, exactly. */
export function parseGpc(headers: RequestHeaders): 'gpc' | 'none' {
  const values = valuesOf(headers)
  return values.length === 1 && values[0]?.trim() === '1' ? 'gpc' : 'none'
}

function valuesOf(headers: RequestHeaders): readonly string[] {
  if (typeof headers !== 'object' || headers === null) return []
  const { get } = headers
  if (typeof get === 'function') return [get.call(headers, 'sec-gpc')].filter((each) => each !== null)
  return Object.entries(headers)
    .filter(([name]) => name.toLowerCase() === 'sec-gpc')
    .flatMap(([, value]) => value ?? [])
    .filter((value) => typeof value === 'string')
}

/** The purposes that the signal denies. */
export const gpcPurposes = ({ purposes }: Policy): string[] =>
  Object.keys(purposes).filter((name) => purposes[name]?.denial?.signal === 'gpc')
