/** Ranges of a scan: what can be said against one without asking a database. */

import type { Collection, Range } from '../store.ts'
import { indexed } from './collection.ts'
import { checkKey, checkPrefix, checkTenant } from './key.ts'
import { invalid, isCount, limits } from './limits.ts'
import { checkText } from './text.ts'

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
