/**
 * The pure checks of keys and values that all adapters share, so that bad input is refused alike by each of them,
 * with the same code, before a driver sees it.
 *
 * Key grammar: `tenant/part/part…`. A tenant is `[A-Za-z0-9_-]{1,64}`; in a part `%` and `/` are escaped as `%25`
 * and `%2F`, so that no two lists of parts make the same key and no part can reach into another tenant. A key has at
 * most 512 bytes of UTF-8.
 */

import type { Instant } from './environment.ts'
import { InvalidInput } from './errors.ts'
import type { Change, Collection, JsonValue, Range, StoredVisit, Versioned } from './store.ts'

export const limits = {
  keyBytes: 512,
  /** Of an id that comes from the host, escaped: leaves room for a tenant and the library's own parts. */
  keyPartBytes: 300,
  valueBytes: 1_000_000,
  valueDepth: 64,
  changes: 500,
  keysPerGet: 1_000,
  visitsPerBatch: 10_000,
  visitFieldBytes: 2_048,
} as const

/** Holds what belongs to the whole installation; no host can name it as a tenant of its own. */
export const systemTenant = '_system'

const tenantPattern = /^[A-Za-z0-9_-]{1,64}$/
const encoder = new TextEncoder()

/** The size of a string in UTF-8. */
export const utf8Length = (text: string): number => encoder.encode(text).length

/** Order of UTF-8 bytes, which is order of code points: not what `<` does with surrogate pairs. */
export function compareBytes(a: string, b: string): number {
  const n = Math.min(a.length, b.length)
  for (let i = 0; i < n; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    // Surrogates (D800-DFFF) stand for code points above all others: lift them over E000-FFFF.
    if (x !== y) return rank(x) - rank(y)
  }
  return a.length - b.length
}
const rank = (unit: number): number => (unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800)

/** Whether two values are the same under RFC 8785. */
export const sameValue = (a: JsonValue, b: JsonValue): boolean => canonical(a) === canonical(b)

/**
 * The canonical JSON text of a value (RFC 8785): object members in order of UTF-16 units, ECMAScript numbers.
 * The value must have passed {@link checkValue}.
 */
export function canonical(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const members = Object.keys(value)
    .sort() // the default order is that of UTF-16 units: RFC 8785 §3.2.3
    .map((name) => `${JSON.stringify(name)}:${canonical(value[name] as JsonValue)}`)
  return `{${members.join(',')}}`
}

/** The key of a record or stream: `tenant/part/part…`. @throws InvalidInput `input.invalid` */
export function key(tenant: string, ...parts: string[]): string {
  checkTenant(tenant)
  return checkKey([tenant, ...parts.map((part) => escaped(part))].join('/'), 'key')
}

const escaped = (part: string): string => part.replace(/[%/]/g, (c) => (c === '%' ? '%25' : '%2F'))

/** Whether a text is short enough to be one part of a key whatever its other parts are. */
export const fitsKey = (part: string): boolean => utf8Length(escaped(part)) <= limits.keyPartBytes

/** The tenant of a key. */
export const tenantOf = (storeKey: string): string => storeKey.slice(0, storeKey.indexOf('/'))

/** The parts of a key that {@link key} made, without the tenant. */
export const partsOf = (storeKey: string): string[] =>
  storeKey
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('%2F', '/').replaceAll('%25', '%'))

const invalid = (path: string, says: string): InvalidInput =>
  new InvalidInput('input.invalid', `${path} ${says}`, { path })
const tooLarge = (path: string, says: string): InvalidInput =>
  new InvalidInput('input.too-large', `${path} ${says}`, { path })

/**
 * The path of a member of what is at `path`. A name that the caller made up can be a personal value itself (an
 * address as a member name): only names that look like a field's are shown, any other is `?`.
 */
export const memberPath = (path: string, member: PropertyKey): string =>
  typeof member === 'number'
    ? `${path}[${member}]`
    : `${path}.${/^[A-Za-z_][A-Za-z0-9_-]{0,39}$/.test(String(member)) ? String(member) : '?'}`

/** @throws InvalidInput `input.invalid` */
export function checkTenant(tenant: unknown): asserts tenant is string {
  if (typeof tenant !== 'string' || !tenantPattern.test(tenant)) {
    throw invalid('tenant', 'must be 1 to 64 of A-Z a-z 0-9 _ -')
  }
}

/** A string without NUL and lone surrogates, of at most `bytes` bytes. @throws InvalidInput */
export function checkText(text: unknown, path: string, bytes: number = limits.valueBytes): string {
  if (typeof text !== 'string') throw invalid(path, 'must be a string')
  if (text.includes('\0')) throw invalid(path, 'must not contain NUL')
  if (!text.isWellFormed()) throw invalid(path, 'must not contain a lone surrogate')
  // A unit of UTF-16 is three bytes at most: what is short enough for that is not encoded to see.
  if (text.length > bytes || (3 * text.length > bytes && utf8Length(text) > bytes)) {
    throw tooLarge(path, `must be at most ${bytes} bytes of UTF-8`)
  }
  return text
}

/** @throws InvalidInput `input.invalid`, `input.too-large` */
export function checkKey(storeKey: unknown, path: string): string {
  const text = checkText(storeKey, path, limits.keyBytes)
  const slash = text.indexOf('/')
  if (slash < 1 || slash === text.length - 1 || !tenantPattern.test(text.slice(0, slash))) {
    throw invalid(path, 'must be a key that begins with a tenant')
  }
  return text
}

/** A list of at most `most`. @throws InvalidInput `input.invalid`, `input.too-large` */
function checkList<T>(list: readonly T[], path: string, most: number): readonly T[] {
  if (!Array.isArray(list)) throw invalid(path, 'must be an array')
  if (list.length > most) throw tooLarge(path, `must be at most ${most}`)
  return Array.from(list) // reads every place once, holes included
}

/** @throws InvalidInput `input.invalid`, `input.too-large` */
export const checkKeys = (keys: unknown): readonly string[] =>
  checkList(keys as readonly unknown[], 'keys', limits.keysPerGet).map((each, i) =>
    checkKey(each, `keys[${i}]`),
  )

/** A JSON value within the limits; gives its JSON text. @throws InvalidInput `input.invalid`, `input.too-large` */
export const checkValue = (value: unknown, path: string): string => checkedCopy(value, path).json

/**
 * What was checked is what is stored: the value is read once, into a copy, so that no getter and no `toJSON` can show
 * something else to the check than to the store.
 */
function checkedCopy(value: unknown, path: string): { copy: JsonValue; json: string } {
  const oversize = (): InvalidInput => tooLarge(path, `must be at most ${limits.valueBytes} bytes as JSON`)
  let room: number = limits.valueBytes
  function copied(node: unknown, at: string, depth: number): JsonValue {
    room -= typeof node === 'string' ? node.length : 1
    if (room < 0) throw oversize()
    if (node === null || typeof node === 'boolean') return node
    if (typeof node === 'string') return checkText(node, at)
    if (typeof node === 'number') {
      if (!Number.isFinite(node)) throw invalid(at, 'must be a finite number')
      return node
    }
    if (depth >= limits.valueDepth) throw tooLarge(at, `is nested deeper than ${limits.valueDepth}`)
    if (Array.isArray(node)) {
      return Array.from(node, (each, i) => copied(each, memberPath(at, i), depth + 1))
    }
    return members(node, at, depth)
  }
  function members(node: unknown, at: string, depth: number): JsonValue {
    const prototype = typeof node === 'object' ? Object.getPrototypeOf(node) : undefined
    if (prototype !== Object.prototype && prototype !== null) throw invalid(at, 'must be a JSON value')
    // Without a prototype, so that a member named `__proto__` is a member like any other.
    const copy: { [name: string]: JsonValue } = Object.create(null)
    for (const [name, member] of Object.entries(node as object)) {
      room -= name.length
      checkText(name, `a member name of ${at}`, limits.keyBytes)
      copy[name] = copied(member, memberPath(at, name), depth + 1)
    }
    return copy
  }
  const copy = copied(value, path, 0)
  const json = JSON.stringify(copy)
  if (json.length > limits.valueBytes || utf8Length(json) > limits.valueBytes) throw oversize()
  return { copy, json }
}

/** The declared collection of that name. @throws InvalidInput `input.invalid` */
export function checkCollection(collections: ReadonlyMap<string, Collection>, name: unknown): Collection {
  const found = typeof name === 'string' ? collections.get(name) : undefined
  if (found === undefined) throw invalid('collection', 'is not declared')
  return found
}

/** The values a record has in an index, or `null` where it is not in the index. */
export function indexed(value: JsonValue, fields: readonly string[]): string[] | null {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return null
  const found: string[] = []
  for (const field of fields) {
    const each = Object.hasOwn(value, field) ? value[field] : undefined
    if (typeof each !== 'string') return null
    found.push(each)
  }
  return found
}

const isCount = (value: unknown, least: number): value is number =>
  Number.isSafeInteger(value) && (value as number) >= least

/** Everything about a range that can be checked without a database. @throws InvalidInput */
export function checkRange(collection: Collection, range: Range): void {
  if (range === null || typeof range !== 'object') throw invalid('range', 'must be an object')
  const kinds = ['stream', 'prefix', 'index'].filter((kind) => kind in range)
  if (kinds.length > 1) throw invalid(`range.${kinds[1]}`, `cannot stand beside range.${kinds[0]}`)
  if (range.limit !== undefined && !isCount(range.limit, 1)) {
    throw invalid('range.limit', 'must be a positive whole number')
  }
  if (collection.kind === 'streams') {
    if (!('stream' in range)) throw invalid('range.stream', 'must name a stream')
    checkKey(range.stream, 'range.stream')
    if (range.after !== undefined && !isCount(range.after, 0)) {
      throw invalid('range.after', 'must be a sequence number')
    }
  } else if ('prefix' in range) {
    checkPrefix(range.prefix)
    if (range.after !== undefined) checkKey(range.after, 'range.after')
  } else if ('index' in range) {
    checkIndexRange(collection, range)
  } else throw invalid('range.prefix', 'or range.index must be given')
}

function checkIndexRange(collection: Collection, range: Extract<Range, { readonly index: string }>): void {
  checkTenant(range.tenant)
  const known = typeof range.index === 'string' && Object.hasOwn(collection.indexes, range.index)
  const fields = known ? collection.indexes[range.index] : undefined
  if (fields === undefined) throw invalid('range.index', 'is not declared')
  const { equals = [], from, before, after } = range
  if (!Array.isArray(equals)) throw invalid('range.equals', 'must be an array')
  if (equals.length > fields.length) throw invalid('range.equals', 'has more fields than the index')
  for (const [i, each] of equals.entries()) checkText(each, `range.equals[${i}]`, limits.keyBytes)
  if (from !== undefined) checkText(from, 'range.from', limits.keyBytes)
  if (before !== undefined) checkText(before, 'range.before', limits.keyBytes)
  if ((from ?? before) !== undefined && equals.length === fields.length) {
    throw invalid('range.from', 'needs a field of the index that range.equals leaves open')
  }
  if (after !== undefined) {
    checkKey(after?.key, 'range.after.key')
    if (indexed(after.value, fields) === null) throw invalid('range.after', 'is not a record of the index')
  }
}

function checkPrefix(prefix: unknown): void {
  const text = checkText(prefix, 'range.prefix', limits.keyBytes)
  const slash = text.indexOf('/')
  if (slash < 1 || !tenantPattern.test(text.slice(0, slash))) {
    throw invalid('range.prefix', 'must begin with a tenant and a slash')
  }
}

/** A change with its value as JSON text, which adapters store or parse anew: never the caller's object. */
export interface CheckedChange {
  readonly change: Change
  readonly collection: Collection
  readonly key: string
  /** The JSON text of the value; `null` for a removal. */
  readonly json: string | null
  /** Index name -> what the record has there; `null` where it is not in the index. */
  readonly indexed: Readonly<Record<string, string[] | null>>
}

/** Checks a whole commit, in the caller's order. @throws InvalidInput `input.invalid`, `input.too-large` */
export function checkChanges(
  collections: ReadonlyMap<string, Collection>,
  changes: readonly Change[],
): CheckedChange[] {
  const seen = new Set<string>()
  return checkList(changes, 'changes', limits.changes).map((change, i) => {
    const path = `changes[${i}]`
    const checked = checkChange(collections, change, path)
    // Neither names nor keys hold NUL, so that this names one record, or one place in one stream.
    const target = [checked.collection.name, checked.key, ...('append' in change ? [change.expect] : [])]
    if (seen.has(target.join('\0'))) throw invalid(path, 'touches what an earlier change touches')
    seen.add(target.join('\0'))
    return checked
  })
}

function checkChange(
  collections: ReadonlyMap<string, Collection>,
  change: Change,
  path: string,
): CheckedChange {
  if (change === null || typeof change !== 'object') throw invalid(path, 'must be an object')
  const [verb, ...others] = (['put', 'remove', 'append'] as const).filter((each) => each in change)
  if (verb === undefined || others.length > 0) throw invalid(path, 'must be one put, remove or append')
  const ref = 'put' in change ? change.put : 'remove' in change ? change.remove : change.append
  const collection = checkCollection(collections, ref?.collection)
  const storeKey = checkKey(ref.key, `${path}.${verb}.key`)
  const streams = collection.kind === 'streams'
  if (verb === (streams ? 'put' : 'append')) {
    throw invalid(`${path}.${verb}`, `does not fit a collection of ${collection.kind}`)
  }
  if (!(verb === 'put' && change.expect === 'absent') && !isCount(change.expect, 1)) {
    throw invalid(`${path}.expect`, 'must be a version, a sequence number or "absent"')
  }
  if ('remove' in change) {
    checkThrough(change, collection, `${path}.through`)
    return { change, collection, key: storeKey, json: null, indexed: {} }
  }
  if ('append' in change) checkText(change.id, `${path}.id`, limits.keyBytes)
  const { copy, json } = checkedCopy(change.value, `${path}.value`)
  return { change, collection, key: storeKey, json, indexed: places(copy, collection, `${path}.value`) }
}

function checkThrough(
  { through, expect }: Extract<Change, { readonly remove: unknown }>,
  { kind }: Collection,
  path: string,
): void {
  if ((kind === 'streams') !== (through !== undefined))
    throw invalid(path, 'is for streams, and needed there')
  if (through !== undefined && !(isCount(through, 1) && through <= expect)) {
    throw invalid(path, 'must be a sequence number up to expect')
  }
}

/** What a value has in each index of its collection. */
function places(
  value: JsonValue,
  { indexes }: Collection,
  path: string,
): Readonly<Record<string, string[] | null>> {
  const found = Object.entries(indexes).map(([name, fields]) => {
    const values = indexed(value, fields)
    values?.forEach((each, i) => {
      checkText(each, `${path}.${fields[i]}`, limits.keyBytes)
    })
    return [name, values] as const
  })
  return Object.fromEntries(found)
}

const lastInstant = '9999-12-31T23:59:59.999Z'
const instantPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

/** Whether something is an instant: exactly three decimals, and a moment that exists. */
export function isInstant(value: unknown): value is Instant {
  if (typeof value !== 'string' || !instantPattern.test(value)) return false
  const milliseconds = Date.parse(value)
  return !Number.isNaN(milliseconds) && new Date(milliseconds).toISOString() === value
}

/** An instant with exactly three decimals that names a real moment. @throws InvalidInput `input.invalid` */
export function checkInstant(value: unknown, path: string): Instant {
  if (!isInstant(value)) throw invalid(path, 'must be an instant like 2026-01-31T00:00:00.000Z')
  return value
}

/** Checks a batch of visits. @throws InvalidInput `input.invalid`, `input.too-large` */
export function checkVisits(tenant: unknown, visits: readonly StoredVisit[]): void {
  checkTenant(tenant)
  const batch: readonly (StoredVisit | null | undefined)[] = checkList(
    visits,
    'visits',
    limits.visitsPerBatch,
  )
  for (const [i, visit] of batch.entries()) {
    if (visit === null || typeof visit !== 'object') throw invalid(`visits[${i}]`, 'must be an object')
    checkText(visit.id, `visits[${i}].id`, limits.keyBytes)
    checkText(visit.session, `visits[${i}].session`, limits.keyBytes)
    // Ranges end before an instant: behind the last there is, a visit could be neither read nor purged.
    if (checkInstant(visit.at, `visits[${i}].at`) === lastInstant) {
      throw invalid(`visits[${i}].at`, `must be before ${lastInstant}`)
    }
    for (const field of ['ip', 'host', 'source'] as const) {
      const value = visit[field]
      if (value !== null) checkText(value, `visits[${i}].${field}`, limits.visitFieldBytes)
    }
  }
}

/** Checks the sessions of a `find` or `erase`. @throws InvalidInput `input.invalid`, `input.too-large` */
export function checkSessions(tenant: unknown, sessions: readonly string[]): void {
  checkTenant(tenant)
  checkList(sessions, 'sessions', limits.keysPerGet).forEach((session, i) => {
    checkText(session, `sessions[${i}]`, limits.keyBytes)
  })
}

/** What a caller sees of a stored record; parsing anew makes sure that nobody shares an object with the store. */
export const versioned = (storeKey: string, version: number, json: string): Versioned => ({
  key: storeKey,
  version,
  value: JSON.parse(json) as JsonValue,
})
