/**
 * Key grammar: `tenant/part/part…`. A tenant is `[A-Za-z0-9_-]{1,64}`; in a part `%` and `/` are escaped as `%25`
 * and `%2F`, so that no two lists of parts make the same key and no part can reach into another tenant. A key has at
 * most 512 bytes of UTF-8. Anything else is refused before a driver sees it (design §3).
 */

import { checkList, invalid, limits } from './limits.ts'
import { checkText, fitsBytes } from './text.ts'

/** Holds what belongs to the whole installation; no host can name it as a tenant of its own. */
export const systemTenant = '_system'

const tenantPattern = /^[A-Za-z0-9_-]{1,64}$/

/** The key of a record or stream: `tenant/part/part…`. @throws InvalidInput `input.invalid` */
export function key(tenant: string, ...parts: string[]): string {
  checkTenant(tenant)
  return checkKey([tenant, ...parts.map((part) => escaped(part))].join('/'), 'key')
}

const escaped = (part: string): string => part.replace(/[%/]/g, (c) => (c === '%' ? '%25' : '%2F'))

/** Whether a text is short enough to be one part of a key whatever its other parts are. */
export const fitsKey = (part: string): boolean => fitsBytes(escaped(part), limits.keyPartBytes)

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
    throw invalid('tenant', 'must be 1 to 64 of A-Z a-z 0-9 _ -')
  }
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

/** @throws InvalidInput `input.invalid`, `input.too-large` */
export const checkKeys = (keys: unknown): readonly string[] =>
  checkList(keys as readonly unknown[], 'keys', limits.keysPerGet).map((each, i) =>
    checkKey(each, `keys[${i}]`),
  )

/** The prefix of a range: at least a tenant and its slash. @throws InvalidInput `input.invalid`, `input.too-large` */
export function checkPrefix(prefix: unknown): void {
  const text = checkText(prefix, 'range.prefix', limits.keyBytes)
  const slash = text.indexOf('/')
  if (slash < 1 || !tenantPattern.test(text.slice(0, slash))) {
    throw invalid('range.prefix', 'must begin with a tenant and a slash')
  }
}
