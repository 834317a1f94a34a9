/**
 * The pure checks of keys and values that all adapters share, so that bad input is refused alike by each of them,
 * with the same code, before a driver sees it.
 *
 * Key grammar: `tenant/part/part…`. A tenant is `[A-Za-z0-9_-]{1,64}`; in a part `%` and `/` are escaped as `%25`
 * and `%2F`, so that no two lists of parts make the same key and no part can reach into another tenant. A key has at
 * most 512 bytes of UTF-8.
 */

import { InvalidInput } from './errors.ts'
import type { Change, Collection, JsonValue, Range, StoredVisit, Versioned } from './store.ts'

export const limits = {
  keyBytes: 512,
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
  return checkKey([tenant, ...parts.map((part) => escape(part))].join('/'), 'key')
}

const escape = (part: string): string => part.replace(/[%/]/g, (c) => (c === '%' ? '%25' : '%2F'))

/** The tenant of a key. */
export const tenantOf = (storeKey: string): string => storeKey.slice(0, storeKey.indexOf('/'))

/** The parts of a key that {@link key} made, without the tenant. */
export const partsOf = (storeKey: string): string[] =>
  storeKey
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('%2F', '/').replaceAll('%25', '%'))

/** @throws InvalidInput `input.invalid` */
export function checkTenant(tenant: unknown): asserts tenant is string {
  if (typeof tenant !== 'string' || !tenantPattern.test(tenant)) {
    throw new InvalidInput('input.invalid', 'tenant must be 1 to 64 of A-Z a-z 0-9 _ -', { path: 'tenant' })
  }
}

/** A string without NUL and lone surrogates, of at most `bytes` bytes. @throws InvalidInput */
export function checkText(text: unknown, path: string, bytes: number = limits.valueBytes): string {
  if (typeof text !== 'string') throw new InvalidInput('input.invalid', `${path} must be a string`, { path })
  if (text.includes('\0')) throw new InvalidInput('input.invalid', `${path} must not contain NUL`, { path })
  if (!text.isWellFormed()) {
    throw new InvalidInput('input.invalid', `${path} must not contain a lone surrogate`, { path })
  }
  if (text.length > bytes || utf8Length(text) > bytes) {
    throw new InvalidInput('input.too-large', `${path} must be at most ${bytes} bytes of UTF-8`, { path })
  }
  return text
}

/** @throws InvalidInput `input.invalid`, `input.too-large` */
export function checkKey(storeKey: unknown, path: string): string {
  const text = checkText(storeKey, path, limits.keyBytes)
  const slash = text.indexOf('/')
  if (slash < 1 || slash === text.length - 1 || !tenantPattern.test(text.slice(0, slash))) {
    throw new InvalidInput('input.invalid', `${path} must be a key that begins with a tenant`, { path })
  }
  return text
}

/** @throws InvalidInput `input.invalid`, `input.too-large` */
export function checkKeys(keys: unknown): readonly string[] {
  if (!Array.isArray(keys)) throw new InvalidInput('input.invalid', 'keys must be an array', { path: 'keys' })
  if (keys.length > limits.keysPerGet) {
    throw new InvalidInput('input.too-large', `keys must be at most ${limits.keysPerGet}`, { path: 'keys' })
  }
  return Array.from(keys, (each, i) => checkKey(each, `keys[${i}]`))
}

/** A JSON value within the limits; gives its JSON text. @throws InvalidInput `input.invalid`, `input.too-large` */
export function checkValue(value: unknown, path: string): string {
  checkNode(value, path, 0)
  const text = JSON.stringify(value)
  if (text.length > limits.valueBytes || utf8Length(text) > limits.valueBytes) {
    throw new InvalidInput('input.too-large', `${path} must be at most ${limits.valueBytes} bytes as JSON`, {
      path,
    })
  }
  return text
}

function checkNode(value: unknown, path: string, depth: number): void {
  if (value === null || typeof value === 'boolean') return
  if (typeof value === 'string') {
    checkText(value, path)
    return
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value))
      throw new InvalidInput('input.invalid', `${path} must be a finite number`, { path })
    return
  }
  if (depth >= limits.valueDepth) {
    throw new InvalidInput('input.too-large', `${path} is nested deeper than ${limits.valueDepth}`, { path })
  }
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) checkNode(value[i], `${path}[${i}]`, depth + 1)
    return
  }
  const prototype = typeof value === 'object' ? Object.getPrototypeOf(value) : undefined
  if (prototype !== Object.prototype && prototype !== null) {
    throw new InvalidInput('input.invalid', `${path} must be a JSON value`, { path })
  }
  for (const [name, member] of Object.entries(value as object)) {
    checkText(name, `a member name of ${path}`, limits.keyBytes)
    checkNode(member, `${path}.${name}`, depth + 1)
  }
}

/** The declared collection of that name. @throws InvalidInput `input.invalid` */
export function checkCollection(collections: ReadonlyMap<string, Collection>, name: unknown): Collection {
  const found = typeof name === 'string' ? collections.get(name) : undefined
  if (found === undefined) {
    throw new InvalidInput('input.invalid', 'collection is not declared', { path: 'collection' })
  }
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

/** Everything about a range that can be checked without a database. @throws InvalidInput */
export function checkRange(collection: Collection, range: Range): void {
  const fail = (path: string, says: string): never => {
    throw new InvalidInput('input.invalid', `range.${path} ${says}`, { path: `range.${path}` })
  }
  if (range === null || typeof range !== 'object') {
    throw new InvalidInput('input.invalid', 'range must be an object', { path: 'range' })
  }
  if (range.limit !== undefined && !(Number.isSafeInteger(range.limit) && range.limit > 0)) {
    fail('limit', 'must be a positive whole number')
  }
  if (collection.kind === 'streams') {
    if (!('stream' in range)) return fail('stream', 'must name a stream')
    checkKey(range.stream, 'range.stream')
    if (range.after !== undefined && !(Number.isSafeInteger(range.after) && range.after >= 0)) {
      fail('after', 'must be a sequence number')
    }
    return
  }
  if ('prefix' in range) {
    checkPrefix(range.prefix)
    if (range.after !== undefined) checkKey(range.after, 'range.after')
    return
  }
  if (!('index' in range)) return fail('prefix', 'or range.index must be given')
  checkTenant(range.tenant)
  const known = typeof range.index === 'string' && Object.hasOwn(collection.indexes, range.index)
  const fields = known ? collection.indexes[range.index] : undefined
  if (fields === undefined) return fail('index', 'is not declared')
  const { equals = [] } = range
  if (!Array.isArray(equals)) fail('equals', 'must be an array')
  if (equals.length > fields.length) fail('equals', 'has more fields than the index')
  for (const [i, each] of equals.entries()) checkText(each, `range.equals[${i}]`, limits.keyBytes)
  if (range.from !== undefined) checkText(range.from, 'range.from', limits.keyBytes)
  if (range.before !== undefined) checkText(range.before, 'range.before', limits.keyBytes)
  if ((range.from ?? range.before) !== undefined && equals.length === fields.length) {
    fail('from', 'needs a field of the index that range.equals leaves open')
  }
  if (range.after !== undefined) {
    checkKey(range.after?.key, 'range.after.key')
    if (indexed(range.after.value, fields) === null) fail('after', 'is not a record of the index')
  }
}

function checkPrefix(prefix: unknown): void {
  const text = checkText(prefix, 'range.prefix', limits.keyBytes)
  const slash = text.indexOf('/')
  if (slash < 1 || !tenantPattern.test(text.slice(0, slash))) {
    throw new InvalidInput('input.invalid', 'range.prefix must begin with a tenant and a slash', {
      path: 'range.prefix',
    })
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
  if (!Array.isArray(changes)) {
    throw new InvalidInput('input.invalid', 'changes must be an array', { path: 'changes' })
  }
  if (changes.length > limits.changes) {
    throw new InvalidInput('input.too-large', `changes must be at most ${limits.changes}`, {
      path: 'changes',
    })
  }
  const seen = new Set<string>()
  return Array.from(changes as readonly Change[], (change, i) => {
    const checked = checkChange(collections, change, `changes[${i}]`)
    const target =
      'append' in change
        ? `${checked.collection.name} ${checked.key} ${change.expect}`
        : `${checked.collection.name} ${checked.key}`
    if (seen.has(target)) {
      throw new InvalidInput('input.invalid', `changes[${i}] touches what an earlier change touches`, {
        path: `changes[${i}]`,
      })
    }
    seen.add(target)
    return checked
  })
}

function checkChange(
  collections: ReadonlyMap<string, Collection>,
  change: Change,
  path: string,
): CheckedChange {
  const fail = (field: string, says: string): never => {
    throw new InvalidInput('input.invalid', `${path}.${field} ${says}`, { path: `${path}.${field}` })
  }
  if (change === null || typeof change !== 'object') {
    throw new InvalidInput('input.invalid', `${path} must be an object`, { path })
  }
  const verb = 'put' in change ? 'put' : 'remove' in change ? 'remove' : 'append' in change ? 'append' : null
  if (verb === null) {
    throw new InvalidInput('input.invalid', `${path} must be a put, a remove or an append`, { path })
  }
  const ref = 'put' in change ? change.put : 'remove' in change ? change.remove : change.append
  const collection = checkCollection(collections, ref?.collection)
  const storeKey = checkKey(ref.key, `${path}.${verb}.key`)
  const streams = collection.kind === 'streams'
  if ((verb === 'put' && streams) || (verb === 'append' && !streams)) {
    fail(verb, `does not fit a collection of ${collection.kind}`)
  }
  const absent = 'put' in change && change.expect === 'absent'
  if (!absent && !(Number.isSafeInteger(change.expect) && (change.expect as number) > 0)) {
    fail('expect', 'must be a version, a sequence number or "absent"')
  }
  if ('remove' in change) {
    const through = change.through
    if (streams !== (through !== undefined)) fail('through', 'is for streams, and needed there')
    if (
      through !== undefined &&
      !(Number.isSafeInteger(through) && through > 0 && through <= change.expect)
    ) {
      fail('through', 'must be a sequence number up to expect')
    }
    return { change, collection, key: storeKey, json: null, indexed: {} }
  }
  if ('append' in change) checkText(change.id, `${path}.id`, limits.keyBytes)
  const json = checkValue(change.value, `${path}.value`)
  const places: Record<string, string[] | null> = {}
  for (const [name, fields] of Object.entries(collection.indexes)) {
    const values = indexed(change.value, fields)
    values?.forEach((each, i) => {
      checkText(each, `${path}.value.${fields[i]}`, limits.keyBytes)
    })
    places[name] = values
  }
  return { change, collection, key: storeKey, json, indexed: places }
}

const instantPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

/** An instant with exactly three decimals that names a real moment. @throws InvalidInput `input.invalid` */
export function checkInstant(instant: unknown, path: string): string {
  if (
    typeof instant !== 'string' ||
    !instantPattern.test(instant) ||
    Number.isNaN(Date.parse(instant)) ||
    new Date(instant).toISOString() !== instant
  ) {
    throw new InvalidInput('input.invalid', `${path} must be an instant like 2026-01-31T00:00:00.000Z`, {
      path,
    })
  }
  return instant
}

/** Checks a batch of visits. @throws InvalidInput `input.invalid`, `input.too-large` */
export function checkVisits(tenant: unknown, visits: readonly StoredVisit[]): void {
  checkTenant(tenant)
  if (!Array.isArray(visits)) {
    throw new InvalidInput('input.invalid', 'visits must be an array', { path: 'visits' })
  }
  if (visits.length > limits.visitsPerBatch) {
    throw new InvalidInput('input.too-large', `visits must be at most ${limits.visitsPerBatch}`, {
      path: 'visits',
    })
  }
  for (const [i, visit] of (visits as readonly (StoredVisit | null | undefined)[]).entries()) {
    if (visit === null || typeof visit !== 'object') {
      throw new InvalidInput('input.invalid', `visits[${i}] must be an object`, { path: `visits[${i}]` })
    }
    checkText(visit.id, `visits[${i}].id`, limits.keyBytes)
    checkText(visit.session, `visits[${i}].session`, limits.keyBytes)
    checkInstant(visit.at, `visits[${i}].at`)
    for (const field of ['ip', 'host', 'source'] as const) {
      const value = visit[field]
      if (value !== null) checkText(value, `visits[${i}].${field}`, limits.visitFieldBytes)
    }
  }
}

/** Checks the sessions of a `find` or `erase`. @throws InvalidInput `input.invalid`, `input.too-large` */
export function checkSessions(tenant: unknown, sessions: readonly string[]): void {
  checkTenant(tenant)
  if (!Array.isArray(sessions)) {
    throw new InvalidInput('input.invalid', 'sessions must be an array', { path: 'sessions' })
  }
  if (sessions.length > limits.keysPerGet) {
    throw new InvalidInput('input.too-large', `sessions must be at most ${limits.keysPerGet}`, {
      path: 'sessions',
    })
  }
  for (const [i, session] of sessions.entries()) checkText(session, `sessions[${i}]`, limits.keyBytes)
}

/** What a caller sees of a stored record; parsing anew makes sure that nobody shares an object with the store. */
export const versioned = (storeKey: string, version: number, json: string): Versioned => ({
  key: storeKey,
  version,
  value: JSON.parse(json) as JsonValue,
})
