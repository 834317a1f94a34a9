/**
 * The changes of a commit: each of the right form for its collection, no two of them to the same place, all of it
 * checked before an adapter begins. What is checked here is what is stored, not the caller's object.
 */

import type { Change, Collection } from '../store.ts'
import { checkCollection, places } from './collection.ts'
import { checkedCopy } from './json.ts'
import { checkKey } from './key.ts'
import { checkList, invalid, isCount, limits } from './limits.ts'
import { checkText } from './text.ts'

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
