/**
 * Wrapping anew, while the service runs: every data key and secret that lies under another key than the primary comes
 * under the primary. Only the wrapping changes; what a record says beside it stays as it is.
 *
 * All of the store is walked, tenant or not, so that no list has to be whole for it. Each batch is one commit with its
 * entry in the ledger, and expects the records as they were read: where one has moved, the batch is read again. A key
 * that was destroyed meanwhile has no material any more and is passed over, so that none comes back. A walk that was cut
 * off goes on after the cursor of its last step.
 */

import * as z from 'zod'
import { settle } from '../commit.ts'
import { IntegrityFailure } from '../errors.ts'
import { idParser, parse, parseStored } from '../parsing.ts'
import type { LedgerWriter } from '../services.ts'
import type { BulkRow, Change, JsonValue, Versioned } from '../store.ts'
import { partsOf } from '../values/key.ts'
import { compareBytes } from '../values/text.ts'
import { contextOfDataKey } from './key-records.ts'
import { signingParser, type WrappedKey, type Wrapping, wrappedKeyParser } from './model.ts'
import { primaryOf } from './rules.ts'
import { contextOfSecret, keysCollection, unwrapped } from './secrets.ts'
import type { KeyringParts, KeyringWrapping } from './wrapping.ts'

/** How to wrap anew, and who does it. */
export interface RewrapOptions {
  readonly operator: string
  /** Only says what there is to do, and writes nothing. */
  readonly dryRun?: true
  /** How many keys are looked at in a step, and wrapped anew in one commit: 1 to 400; 100, if not given. */
  readonly batch?: number
  /** The cursor of the last step of a walk that was cut off. */
  readonly after?: string
}

/** A step: about the records after the cursor of the one before, up to and with its own. */
export interface RewrapStep {
  /** How many wrapped keys were looked at. */
  readonly looked: number
  /** How many of them lay under another key than the primary. */
  readonly due: number
  /** How many were wrapped anew: none in a dry run, and not those that another walk or an erasure was faster with. */
  readonly rewrapped: number
  /** Opaque; where to go on. */
  readonly cursor: string
}

const optionsParser: z.ZodType<RewrapOptions> = z.strictObject({
  operator: idParser,
  dryRun: z.exactOptional(z.literal(true)),
  batch: z.exactOptional(z.int().min(1).max(400)),
  after: z.exactOptional(z.string().min(1)),
})

interface Parts extends KeyringParts {
  readonly ring: KeyringWrapping
  readonly ledger: LedgerWriter
}

/** Whether any key of any tenant lies under a key-encryption key. @throws IntegrityFailure `record.corrupt` */
export async function isWrappedUnder({ store }: Pick<Parts, 'store'>, keyId: string): Promise<boolean> {
  for await (const rows of store.bulk.read(keysCollection)) {
    if (rows.some((row) => materialOf(row)?.keyId === keyId)) return true
  }
  return false
}

/** Wraps anew, or says what there is to do, step by step: nothing happens but while it is iterated over. */
export async function* rewrap(parts: Parts, given: RewrapOptions): AsyncGenerator<RewrapStep> {
  const { operator, dryRun, batch = 100, after = '' } = parse(optionsParser, given, 'rewrap')
  for await (const rows of parts.store.bulk.read(keysCollection)) {
    const ahead = rows.filter(({ key }) => compareBytes(key, after) > 0)
    for (let i = 0; i < ahead.length; i += batch) {
      const some = ahead.slice(i, i + batch)
      const primary = primaryOf((await parts.ring.read()).entries).id
      const due = some.filter((row) => isDue(row, primary)).map(({ key }) => key)
      const rewrapped = dryRun || due.length === 0 ? 0 : await wrapAnew(parts, due, operator)
      const looked = some.filter((row) => materialOf(row) !== null).length
      yield { looked, due: due.length, rewrapped, cursor: (some.at(-1) as BulkRow).key }
    }
  }
}

/** One commit: the records as they are now, under what is primary now. */
const wrapAnew = (parts: Parts, places: readonly string[], operator: string): Promise<number> =>
  settle(parts, async () => {
    const { entries } = await parts.ring.read()
    const primary = primaryOf(entries).id
    const found = await parts.store.get(keysCollection, places)
    const due = found.filter((each) => each !== null && isDue(each, primary)) as Versioned[]
    const puts = await Promise.all(due.map((each) => putAnew(parts.ring.under(entries), each)))
    if (puts.length === 0) return { changes: [], result: 0 }
    const act = parts.ledger.changes({
      action: 'keys.rewrapped',
      actor: { role: 'operator', id: operator },
      record: primary,
      details: { keys: puts.length },
    })
    return { changes: [...puts, ...act], result: puts.length }
  })

async function putAnew(wrapping: Wrapping, found: Versioned): Promise<Change> {
  const { key, version, value } = found
  const context = contextOf(found)
  const bytes = await unwrapped(wrapping, { material: materialOf(found) as WrappedKey, context })
  const material = { ...(await wrapping.wrap(bytes, context)) }
  const put = { collection: keysCollection, key }
  return { put, value: { ...(value as Record<string, JsonValue>), material }, expect: version }
}

type Kept = Pick<Versioned, 'key' | 'value'>

const isDue = (found: Kept, primary: string): boolean => {
  const material = materialOf(found)
  return material !== null && material.keyId !== primary
}

/** What is wrapped in a record; `null` where nothing is, as in one of a destroyed key. */
function materialOf({ key, value }: Kept): WrappedKey | null {
  const { material } = Object(value) as { material?: JsonValue }
  return material === undefined ? null : parseStored(wrappedKeyParser, material, key)
}

/** What the material of a record is bound to. */
function contextOf({ key, value }: Kept): string {
  const [kind] = partsOf(key)
  if (kind === 'secret') return contextOfSecret(key, parseStored(signingParser, value, key).former)
  if (kind === 'data') return contextOfDataKey(key, String(Object(value).id))
  throw new IntegrityFailure('record.corrupt', 'something is wrapped where no key has its place', {
    record: key,
  })
}
