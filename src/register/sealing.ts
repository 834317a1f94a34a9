/**
 * How register records and their history are sealed at rest: each sensitive field under the category of that field,
 * so that destroying a category's key erases exactly what falls under it.
 */

import type { SealContext } from '../keys/model.ts'
import type { Field, Policy } from '../policy/model.ts'
import type { Keys } from '../services.ts'
import type { JsonValue } from '../store.ts'
import { canonical, key } from '../values.ts'
import type { HistoryEntry } from './model.ts'
import { declaredFields, isSealedKind, type StoredRecord, type Where } from './rules.ts'

/** Opens and seals the fields of a record by what the policy says of them. */
export interface Sealing {
  seal(record: StoredRecord): Promise<StoredRecord>
  /** Fields whose key was destroyed are absent from what this gives. */
  open(record: StoredRecord): Promise<StoredRecord>
  context(where: Where, named: { readonly name: string; readonly field: Field }): SealContext
}

/** Where a record is kept: by subject first, so that everything about a person lies together. */
export const recordKey = (tenant: string, { subject, group }: Where): string => key(tenant, subject, group)

/** Makes the sealing of a tenant's register. */
export function createSealing(policy: Policy, keys: Keys): Sealing {
  const context: Sealing['context'] = ({ group, subject }, { name, field }) => ({
    subject,
    category: field.category,
    model: 'register',
    field: name,
    record: group,
  })

  async function convert(
    record: StoredRecord,
    change: (value: JsonValue, context: SealContext) => Promise<JsonValue | undefined>,
  ): Promise<StoredRecord> {
    const declared = declaredFields(policy, record.group)
    const fields: Record<string, JsonValue> = {}
    for (const [name, value] of Object.entries(record.fields)) {
      const field = declared.get(name)
      const sealed = field !== undefined && isSealedKind(field)
      const next = sealed ? await change(value, context(record, { name, field })) : value
      if (next !== undefined) fields[name] = next
    }
    return { ...record, fields }
  }

  return {
    context,
    seal: (record) => convert(record, (value, at) => keys.seal(canonical(value), at)),
    open: (record) =>
      convert(record, async (value, at) => {
        const opened = await keys.open(value as string, at)
        return opened.erased ? undefined : (JSON.parse(opened.value) as JsonValue)
      }),
  }
}

/** What a history entry's sealed change is bound to. */
export const historyContext = (context: SealContext): SealContext => ({ ...context, model: 'corrections' })

/** A stored correction with its values opened; values that were erased since are absent. */
export async function openHistory(
  stored: JsonValue,
  { sealing, keys, policy, where }: { sealing: Sealing; keys: Keys; policy: Policy; where: Where },
): Promise<HistoryEntry> {
  const { changes, ...entry } = stored as unknown as HistoryEntry & { changes: Record<string, string> }
  const declared = declaredFields(policy, where.group)
  const opened: Record<string, { from: unknown; to: unknown }> = {}
  for (const [name, sealed] of Object.entries(changes)) {
    const field = declared.get(name)
    if (field === undefined) continue
    const found = await keys.open(sealed, historyContext(sealing.context(where, { name, field })))
    if (!found.erased) opened[name] = JSON.parse(found.value) as { from: unknown; to: unknown }
  }
  return { ...entry, changes: opened }
}
