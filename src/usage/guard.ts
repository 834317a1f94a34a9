/**
 * The last look before anything is published, over the bytes that will be: fails closed. It trusts neither the tally
 * nor the types, and shares no code with them but the list of identifiers
 * and the rule of what a source may look like (`isSource`).
 *
 * Two proofs. What surrounds the cells must be, byte for byte, what the policy alone yields: no data can hide there,
 * and a text of the policy that happens to hold an address ("124.0.0.0", a browser version) raises no alarm. What is
 * in a cell must be a whole number in its range or a source; the sources are the only strings that come from people,
 * and each is searched for every spelling of every address, for every host name and for every session id of the
 * batch. A released registrable domain may contain a host name of the batch as a part (`elisa.fi`), never be one.
 */

import { IntegrityFailure } from '../errors.ts'
import type { JsonValue } from '../store.ts'
import { canonical } from '../values/canonical.ts'
import type { IdentifierKind, Identifiers } from './identifiers.ts'
import type { Publication } from './model.ts'
import { isSource } from './referrer.ts'

/** What a publication is held against. */
export interface GuardOptions {
  /** The publication of that day without a cell, made from the policy alone. */
  readonly empty: Publication
  readonly identifiers: Pick<Identifiers, 'traceIn'>
}

/**
 * Passes the bytes of a publication, unchanged.
 * @throws IntegrityFailure `guard.tripped`; the message names the kind of find and the path, never the value
 */
export function guarded(text: string, { empty, identifiers }: GuardOptions): string {
  const parsed = parsedOr(text)
  const { cells, ...around } = parsed
  const { cells: _, ...expected } = empty
  if (canonical(around) !== canonical(expected as unknown as JsonValue)) {
    throw tripped('content that the policy does not explain', 'publication')
  }
  if (!Array.isArray(cells)) throw tripped('a table that is not one', 'cells')
  const allowed = new Set<string>([...empty.dimensions, ...empty.measures])
  cells.forEach((cell, i) => {
    checkCell(cell, { path: `cells[${i}]`, allowed, k: empty.protection.k, identifiers })
  })
  return text
}

type CellOptions = Pick<GuardOptions, 'identifiers'> & {
  readonly path: string
  readonly allowed: ReadonlySet<string>
  readonly k: number
}

function checkCell(cell: JsonValue, { path, allowed, k, identifiers }: CellOptions): void {
  if (cell === null || typeof cell !== 'object' || Array.isArray(cell))
    throw tripped('a cell that is not one', path)
  if (Object.keys(cell).length !== allowed.size) throw tripped('a cell of another shape', path)
  for (const [name, value] of Object.entries(cell)) {
    const at = `${path}.${allowed.has(name) ? name : '?'}`
    if (!allowed.has(name)) throw tripped('a field that the policy does not declare', at)
    if (name === 'source') checkSource(value, at, identifiers)
    else if (!inRange(value, least(name, k), most[name])) throw tripped('a number out of its range', at)
  }
}

const most: Readonly<Record<string, number>> = { hour: 23, weekday: 7 }
const least = (name: string, k: number): number => (name === 'hour' ? 0 : name === 'weekday' ? 1 : k)
const inRange = (value: JsonValue | undefined, from: number, to = Number.MAX_SAFE_INTEGER): boolean =>
  Number.isSafeInteger(value) && (value as number) >= from && (value as number) <= to

const says: Readonly<Record<IdentifierKind, string>> = {
  address: 'an address of the batch',
  host: 'a host name of the batch',
  session: 'a session id of the batch',
  digest: 'what looks like a digest',
}

function checkSource(
  value: JsonValue | undefined,
  path: string,
  identifiers: GuardOptions['identifiers'],
): void {
  if (typeof value !== 'string') throw tripped('a source that is no text', path)
  const found = identifiers.traceIn(value)
  if (found !== null) throw tripped(says[found], path)
  if (!isSource(value)) throw tripped('a source that is not a registrable domain', path)
}

function parsedOr(text: string): { [key: string]: JsonValue } {
  try {
    const parsed: unknown = JSON.parse(text)
    // Written again it must be the same text: a member given twice would hide its first value from the parser.
    if (typeof parsed === 'object' && parsed !== null && JSON.stringify(parsed) === text) {
      return parsed as { [key: string]: JsonValue }
    }
  } catch {
    // Falls through: a parser's message quotes what it read.
  }
  throw tripped('bytes that are no publication', 'publication')
}

const tripped = (what: string, path: string): IntegrityFailure =>
  new IntegrityFailure('guard.tripped', `publication refused: ${path} holds ${what}`, { path })
