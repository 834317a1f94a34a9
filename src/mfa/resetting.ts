/**
 * Administrative resets, step by step. The person is told before a step is written down: a reset that is on record was
 * announced, and one that could not be announced is not done. Where a step was cut off, the same call again goes on, and
 * the person may be told twice.
 */

import * as z from 'zod'
import { collections } from '../collections.ts'
import { settle } from '../commit.ts'
import { type Instant, newId } from '../environment.ts'
import { NotFound } from '../errors.ts'
import { idParser, parse, parseStored } from '../parsing.ts'
import type { Change, JsonValue } from '../store.ts'
import { key, partsOf } from '../values/key.ts'
import { handOver, senderOf } from './challenging.ts'
import { changing } from './changing.ts'
import { collectionOf, type MfaParts, readAll, readAttempts, refOf, replace, type Stored } from './keeping.ts'
import {
  type FactorReset,
  type FullAnswer,
  type Notice,
  type ResetCancellation,
  type ResetCanceller,
  type ResetInput,
  resetReasons,
} from './model.ts'
import { notBeforeOf, toCancel, toComplete } from './resets.ts'
import { cleared } from './rules.ts'
import { type ResetRecord, resetParser } from './stored.ts'

/** What a person who lost every factor can be helped by: the factors go, and nothing is given. */
export interface Resets {
  /**
   * Tells the person that their factors are to be reset, and opens the reset. Where one is open already it gives that
   * one, and tells nobody.
   * @throws InvalidInput `input.invalid`, also where `createPrivacy` was given no `sender`
   * @throws StoreFailure `sender.failed` (nothing was opened); Conflict `conflict.erased`
   */
  open(input: ResetInput): Promise<FactorReset>
  /**
   * Tells the person and removes every factor, trusted device, challenge and proof; failures and lock are cleared. By
   * another operator than the one who opened it, and not before its `notBefore`. A reset that is done stays as it is.
   * @throws InvalidInput `input.invalid`, as `open`; NotFound `record.missing`
   * @throws NotAuthorised `proof.missing` (it takes another operator)
   * @throws Conflict `conflict.state` (it was cancelled, or it is too early), `conflict.erased`
   * @throws StoreFailure `sender.failed` (nothing was removed)
   */
  complete(id: string, by: { readonly operator: string }): Promise<FactorReset>
  /**
   * Cancels a reset: by an operator, or by the person, whose answer by a full factor shows that it is not lost and is an
   * attempt like any other.
   * @throws InvalidInput `input.invalid`; NotFound `record.missing`; Conflict `conflict.state` (it is done),
   *   `conflict.erased`
   */
  cancel(id: string, by: ResetCanceller): Promise<ResetCancellation>
  /** A reset, or `null`. @throws InvalidInput `input.invalid` */
  find(id: string): Promise<FactorReset | null>
}

/** Makes the resets of a tenant. */
export const createResets = (parts: MfaParts): Resets => ({
  open: (input) => open(parts, input),
  complete: (id, by) => complete(parts, { id, by }),
  cancel: (id, by) => cancel(parts, { id, by }),
  async find(id) {
    const found = await findReset(parts, id)
    return found && resetOf(found)
  },
})

const inputParser: z.ZodType<ResetInput> = z.strictObject({
  subject: idParser,
  operator: idParser,
  because: z.enum(resetReasons),
})

async function open(parts: MfaParts, input: ResetInput): Promise<FactorReset> {
  const { environment, policy, standings } = parts
  const { subject, ...asked } = parse(inputParser, input, 'reset')
  senderOf(parts)
  const before = await openReset(parts, subject)
  if (before !== null) return resetOf(before)
  // Nobody is written to who was erased.
  await standings.touch(subject)
  const openedAt = environment.now()
  const notBefore = notBeforeOf(policy, openedAt)
  const id = newId(environment)
  const category = policy.ownData.factors
  const record: ResetRecord = { ...asked, id, state: 'opened', openedAt, notBefore, ended: null, category }
  await tell(parts, { subject, record, what: 'reset-opened' })
  return settle(parts, async () => {
    // Before it is looked whether there is one: of two at the same moment one then finds the other.
    const acts = await told(parts, { subject, record, action: 'mfa.reset-opened' })
    const there = await openReset(parts, subject)
    if (there !== null) return { changes: [], result: resetOf(there) }
    const ref = refOf(parts.tenant, subject, ['reset', id])
    const made: Change = { put: ref, value: record as unknown as JsonValue, expect: 'absent' }
    const changes = [made, ...acts]
    return { changes, result: { ...withoutCategory(record), subject } }
  })
}

async function complete(
  parts: MfaParts,
  { id, by }: { id: string; by: { readonly operator: string } },
): Promise<FactorReset> {
  const { operator } = parse(z.strictObject({ operator: idParser }), by, 'by')
  const { environment } = parts
  senderOf(parts)
  const before = await existing(parts, id)
  if (!toComplete(before.record, { operator, now: environment.now() })) return resetOf(before)
  await tell(parts, { ...before, what: 'reset-done' })
  return settle(parts, async () => {
    const found = await existing(parts, id)
    const { subject, record } = found
    const at = environment.now()
    if (!toComplete(record, { operator, now: at })) return { changes: [], result: resetOf(found) }
    const next: ResetRecord = { ...record, state: 'done', ended: { at, operator } }
    const counter = await readAttempts(parts, subject)
    const changes = [
      ...(await everything(parts, subject)),
      counter.put(cleared(counter.attempts, at)),
      replace(found, next),
      ...(await told(parts, { subject, record: next, action: 'mfa.reset-done' })),
    ]
    return { changes, result: { ...withoutCategory(next), subject } }
  })
}

/** All that a person could show, whether or not it can be read. */
async function everything({ store, tenant }: MfaParts, subject: string): Promise<Change[]> {
  const changes: Change[] = []
  for (const collection of ['totp', 'challenge', 'proof'].map(collectionOf)) {
    for await (const { key: at, version } of store.scan(collection, { prefix: `${key(tenant, subject)}/` })) {
      changes.push({ remove: { collection, key: at }, expect: version })
    }
  }
  return changes
}

const cancellerParser = z.union([
  z.strictObject({ operator: idParser }),
  z.strictObject({ answer: z.unknown().refine((answer) => answer !== undefined) }),
])

async function cancel(
  parts: MfaParts,
  { id, by }: { id: string; by: ResetCanceller },
): Promise<ResetCancellation> {
  const canceller = parse(cancellerParser, by, 'by')
  const found = await existing(parts, id)
  if (!toCancel(found.record)) return { outcome: 'cancelled', reset: resetOf(found) }
  return 'operator' in canceller
    ? cancelByOperator(parts, { id, operator: canceller.operator })
    : cancelBySubject(parts, { id, subject: found.subject, answer: canceller.answer as FullAnswer })
}

const cancelByOperator = (
  parts: MfaParts,
  { id, operator }: { id: string; operator: string },
): Promise<ResetCancellation> =>
  settle(parts, async () => {
    const found = await existing(parts, id)
    const { subject } = found
    if (!toCancel(found.record)) {
      return { changes: [], result: { outcome: 'cancelled', reset: resetOf(found) } }
    }
    const { next, changes } = cancelled(found, { at: parts.environment.now(), operator })
    const acts = await told(parts, { subject, record: next.record, action: 'mfa.reset-cancelled' })
    return { changes: [...changes, ...acts], result: { outcome: 'cancelled', reset: resetOf(next) } }
  })

async function cancelBySubject(
  parts: MfaParts,
  { id, subject, answer }: { id: string; subject: string; answer: FullAnswer },
): Promise<ResetCancellation> {
  const outcome = await changing<{ reset: FactorReset }>(parts, {
    subject,
    answer,
    action: 'mfa.reset-cancelled',
    effect: async ({ now: at }) => {
      const found = await existing(parts, id)
      const over = !toCancel(found.record)
      const { next, changes } = over ? { next: found, changes: [] } : cancelled(found, { at, operator: null })
      return { changes, factors: 'same', told: { reset: resetOf(next) } }
    },
  })
  if (outcome.outcome !== 'accepted') return outcome
  return { outcome: 'cancelled', reset: outcome.reset as FactorReset }
}

function cancelled(
  found: StoredReset,
  ended: { at: Instant; operator: string | null },
): { next: StoredReset; changes: Change[] } {
  const record: ResetRecord = { ...found.record, state: 'cancelled', ended }
  return { next: { ...found, record }, changes: [replace(found, record)] }
}

/** A reset as it was read, and whose it is. */
interface StoredReset extends Stored<ResetRecord> {
  readonly subject: string
}

const withoutCategory = ({ category: _, ...reset }: ResetRecord): Omit<FactorReset, 'subject'> => reset

const resetOf = ({ record, subject }: StoredReset): FactorReset => ({ ...withoutCategory(record), subject })

async function findReset({ store, tenant }: MfaParts, id: string): Promise<StoredReset | null> {
  const equals = [parse(idParser, id, 'id')]
  const { name: collection } = collections.resets
  for await (const found of store.scan(collection, { tenant, index: 'id', equals })) {
    const [subject = ''] = partsOf(found.key)
    const record = parseStored(resetParser, found.value, 'reset')
    return { ref: { collection, key: found.key }, record, version: found.version, subject }
  }
  return null
}

async function existing(parts: MfaParts, id: string): Promise<StoredReset> {
  const found = await findReset(parts, id)
  if (found === null) throw new NotFound('record.missing', 'there is no such reset', { path: 'id' })
  return found
}

/** The one that is open for a person. */
async function openReset(parts: MfaParts, subject: string): Promise<StoredReset | null> {
  const all = await readAll(parts, { subject, kind: 'reset' })
  const found = all.find(({ record }) => record.state === 'opened')
  return found ? { ...found, subject } : null
}

function tell(
  parts: MfaParts,
  { subject, record, what }: { subject: string; record: ResetRecord; what: Notice['what'] },
): Promise<void> {
  const { id: reset, because, notBefore } = record
  const at = parts.environment.now()
  const { tenant } = parts
  return handOver(senderOf(parts), { kind: 'notice', tenant, subject, what, reset, because, at, notBefore })
}

/** The entry of the ledger, by the operator who acted last, and the standing. */
async function told(
  { keys, ledger, policy, standings }: MfaParts,
  { subject, record, action }: { subject: string; record: ResetRecord; action: string },
): Promise<Change[]> {
  const actor = { role: 'operator', id: record.ended?.operator ?? record.operator } as const
  const details = { reset: record.id, because: record.because }
  const reference = await keys.reference(subject)
  const act = { action, actor, record: reference, clause: policy.mfa.clause, details }
  return [...ledger.changes(act), ...(await standings.touch(subject))]
}
