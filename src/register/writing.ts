/**
 * A write to the register as the changes of one commit: the record, what goes into its history, its lookups, the standing
 * of the person, and the ledger. Fields that do not change stay as they lie, sealed and dated.
 */

import { todayOf } from '../calendar.ts'
import { collections } from '../collections.ts'
import type { Instant } from '../environment.ts'
import type { Actor } from '../ledger/model.ts'
import type { Field, Policy } from '../policy/model.ts'
import { keptFields } from '../retention/rules.ts'
import type { ServiceParts } from '../services.ts'
import type { Change, JsonValue, Versioned } from '../store.ts'
import { lookupChanges } from './lookups.ts'
import { declaredFields, type FieldChange, type FlatFields, groupOf, type Where } from './rules.ts'
import { sealChange, sealField } from './sealing.ts'
import {
  correctionKey,
  recordKey,
  type StoredChange,
  type StoredCorrection,
  type StoredField,
  type StoredRecord,
} from './stored.ts'

type Parts = Omit<ServiceParts, 'environment'>

/** What was there, what is different afterwards, and who did it. */
export interface Write {
  readonly where: Where
  readonly found: Versioned | null
  readonly stored: StoredRecord | null
  readonly changed: Readonly<Record<string, FieldChange>>
  /** All values afterwards. */
  readonly values: FlatFields
  readonly at: Instant
  readonly origin: string
  readonly provenance: StoredRecord['provenance']
  readonly act: {
    readonly action: string
    readonly actor: Actor
    readonly details: Readonly<Record<string, string>>
  }
  /** What of it goes into the history, and under which head. */
  readonly history: Readonly<Record<string, FieldChange>>
  readonly head: Pick<StoredCorrection, 'why' | 'initiative' | 'operator'>
}

/** The record after a write, and the changes that write it down. */
export async function written(
  parts: Parts,
  write: Write,
): Promise<{ readonly stored: StoredRecord; readonly changes: Change[] }> {
  const { tenant, policy, keys, ledger, standings } = parts
  const { where, found, act, history } = write
  const number = (write.stored?.corrections ?? 0) + (Object.keys(history).length > 0 ? 1 : 0)
  const stored = { ...(await rewritten(parts, write)), corrections: number }
  const put = { collection: collections.register.name, key: recordKey(tenant, where) }
  const { clause } = groupOf(policy, where.group)
  const details = { group: where.group, ...act.details }
  const past = await historyChanges(parts, write, number)
  const reference = await keys.reference(where.subject)
  const changes: Change[] = [
    { put, value: stored as unknown as JsonValue, expect: found?.version ?? 'absent' },
    ...past,
    ...(await lookupChanges(parts, { stored, values: write.values })),
    ...ledger.changes({ ...act, record: reference, clause, details }),
    // Read last, because making a key touches the standing, too.
    ...(await standings.touch(where.subject)),
  ]
  return { stored, changes }
}

async function rewritten(
  { policy, keys }: Parts,
  { where, stored, changed, at, origin, provenance }: Write,
): Promise<Omit<StoredRecord, 'corrections'>> {
  const declared = declaredFields(policy, where.group)
  const fields: Record<string, StoredField> = { ...stored?.fields }
  for (const [name, { to: value }] of Object.entries(changed)) {
    const field = declared.get(name)
    if (value === null || field === undefined) delete fields[name]
    else fields[name] = await sealField(keys, { ...where, name }, { field, value, at, origin })
  }
  return { ...where, fields, provenance, changedAt: at }
}

/** What was there is sealed under the category it was under; what was not, under that of the policy. */
async function historyChanges(
  { tenant, policy, keys }: Parts,
  { where, stored, history, head, at }: Write,
  number: number,
): Promise<Change[]> {
  if (Object.keys(history).length === 0) return []
  const declared = declaredFields(policy, where.group)
  const changes: Record<string, StoredChange> = {}
  for (const [name, change] of Object.entries(history)) {
    const { kind, category } = stored?.fields[name] ?? (declared.get(name) as Field)
    changes[name] = await sealChange(keys, { ...where, name }, { change, kind, category })
  }
  const value: StoredCorrection = { ...head, at, category: policy.ownData.corrections, changes }
  const put = { collection: collections.corrections.name, key: correctionKey(tenant, where, number) }
  return [{ put, value: value as unknown as JsonValue, expect: 'absent' }]
}

/**
 * Of what goes when a record is replaced, what an exemption wants kept; what lies under a category that the policy has
 * lost is kept as well, because nobody can tell.
 */
export function exempt(
  policy: Policy,
  { stored, changed, at }: Pick<Write, 'stored' | 'changed' | 'at'>,
): Write['history'] {
  const today = todayOf(policy, at)
  const stays = ([name]: [string, FieldChange]): boolean => {
    const category = stored?.fields[name]?.category
    if (category === undefined) return false
    if (!Object.hasOwn(policy.retention, category)) return true
    return keptFields([{ name, category, recordedAt: at }], { policy, today }).length > 0
  }
  return Object.fromEntries(Object.entries(changed).filter(stays))
}
