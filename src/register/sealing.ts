/**
 * How register records and their history are sealed at rest: each sensitive value under the category that it was
 * written under, so that destroying a category's key erases exactly what falls under it, whatever the policy says since.
 */

import type { Instant } from '../environment.ts'
import type { SealContext } from '../keys/model.ts'
import type { Field } from '../policy/model.ts'
import type { Keys } from '../services.ts'
import type { JsonValue } from '../store.ts'
import { canonical } from '../values/canonical.ts'
import { type FieldChange, type FlatFields, isSealedKind, type Where } from './rules.ts'
import type { StoredChange, StoredCorrection, StoredField, StoredRecord } from './stored.ts'

type Sealer = Pick<Keys, 'seal' | 'open'>

/** A field of a record. */
export interface Place extends Where {
  readonly name: string
}

const contextOf = (
  { subject, group, name }: Place,
  { model, category }: Pick<SealContext, 'model' | 'category'>,
): SealContext => ({ subject, category, model, field: name, record: group })

/** A value as a field that is written now. */
export async function sealField(
  keys: Sealer,
  place: Place,
  { field, value, at, origin }: { field: Field; value: JsonValue; at: Instant; origin: string },
): Promise<StoredField> {
  const { kind, category } = field
  const stored = { kind, category, at, origin }
  if (!isSealedKind(field)) return { ...stored, value }
  const context = contextOf(place, { model: 'register', category })
  return { ...stored, sealed: true, value: await keys.seal(canonical(value), context) }
}

/** The value of a field; absent where its key was destroyed. */
async function openField(
  keys: Sealer,
  place: Place,
  { value, sealed, category }: StoredField,
): Promise<JsonValue | undefined> {
  if (!sealed) return value
  const opened = await keys.open(value as string, contextOf(place, { model: 'register', category }))
  return opened.erased ? undefined : (JSON.parse(opened.value) as JsonValue)
}

/** The values of a record, those apart whose key was destroyed. @throws IntegrityFailure `seal.rejected` */
export async function openRecord(
  keys: Sealer,
  { fields, subject, group }: StoredRecord,
): Promise<FlatFields> {
  const values: Record<string, JsonValue> = {}
  for (const [name, stored] of Object.entries(fields)) {
    const value = await openField(keys, { subject, group, name }, stored)
    if (value !== undefined) values[name] = value
  }
  return values
}

/** What a correction does to a field. Old and new value are personal data, and lie sealed whatever their kind. */
export async function sealChange(
  keys: Sealer,
  place: Place,
  { change, kind, category }: { change: FieldChange } & Pick<StoredChange, 'kind' | 'category'>,
): Promise<StoredChange> {
  const context = contextOf(place, { model: 'corrections', category })
  return { kind, category, sealed: await keys.seal(canonical({ ...change }), context) }
}

/** What a correction did, without what was erased since. */
export async function openChanges(
  keys: Sealer,
  { subject, group }: Where,
  { changes }: Pick<StoredCorrection, 'changes'>,
): Promise<Record<string, FieldChange>> {
  const opened: Record<string, FieldChange> = {}
  for (const [name, { sealed, category }] of Object.entries(changes)) {
    const context = contextOf({ subject, group, name }, { model: 'corrections', category })
    const found = await keys.open(sealed, context)
    if (!found.erased) opened[name] = JSON.parse(found.value) as FieldChange
  }
  return opened
}
