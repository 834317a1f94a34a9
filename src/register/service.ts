/**
 * The shell around the register: each write is one commit of the record, what it changed, the standing of the person
 * and the ledger together. Reads give opened values.
 */

import { todayOf } from '../calendar.ts'
import { collections } from '../collections.ts'
import { settle } from '../commit.ts'
import type { Environment, Instant } from '../environment.ts'
import { NotFound } from '../errors.ts'
import type { Actor } from '../ledger/model.ts'
import type { Field, Group, GroupOf, Policy } from '../policy/model.ts'
import { keptFields } from '../retention/rules.ts'
import type { Keys, LedgerWriter, Standings } from '../services.ts'
import type { Change, JsonValue, Store, Versioned } from '../store.ts'
import { key } from '../values/key.ts'
import type { Correction, HistoryEntry, RegisterInput, RegisterRecord } from './model.ts'
import { checkNumber } from './numbers.ts'
import {
  checkTier,
  correct,
  declaredFields,
  type FieldChange,
  type FlatFields,
  groupOf,
  type Parsed,
  type ParsedCorrection,
  parseCorrection,
  parseGroup,
  parseInput,
  parseWhere,
  replacement,
  unflatten,
  type Where,
} from './rules.ts'
import { openChanges, openRecord, sealChange, sealField } from './sealing.ts'
import {
  correctionKey,
  readCorrection,
  readRecord,
  recordKey,
  type StoredChange,
  type StoredCorrection,
  type StoredField,
  type StoredRecord,
} from './stored.ts'

const records = collections.register.name
const corrections = collections.corrections.name

/** The customer register of one tenant. */
export interface Register<P extends Policy = Policy> {
  /**
   * Saves a person's record in a group, making it or replacing it whole. A field that stays as it was keeps its date
   * and its origin. Of what a replaced record held only what an exemption wants kept goes into the history; `correct`
   * keeps the whole history.
   * @throws InvalidInput `input.invalid`, `input.not-in-policy`, `tenant.not-allowed` (the group belongs to the other tier)
   * @throws Conflict `conflict.erased` where the subject was erased
   * @see the policy, "Personal information"
   */
  save<G extends GroupOf<P>>(input: RegisterInput<P, G>): Promise<RegisterRecord<P, G>>
  /**
   * A person's record in a group, or `null`. Reading what an erasure kept is not what this is for: it gives `null`.
   * @throws InvalidInput `input.invalid`, `input.not-in-policy`, `tenant.not-allowed`
   */
  find<G extends GroupOf<P>>(where: {
    readonly group: G
    readonly subject: string
  }): Promise<RegisterRecord<P, G> | null>
  /**
   * The records of a group, in an order that stays the same; none of erased people.
   * @throws InvalidInput `input.invalid`, `input.not-in-policy`, `tenant.not-allowed`
   */
  list<G extends GroupOf<P>>(where: { readonly group: G }): AsyncIterable<RegisterRecord<P, G>>
  /**
   * Corrects, supplements or takes away single fields, and keeps what changed, when, why and on whose initiative. A
   * correction that changes nothing writes nothing.
   * @throws InvalidInput as `save`; a required field cannot be taken away
   * @throws NotFound `record.missing`; Conflict `conflict.erased`
   * @see GDPR 16; the policy, "Review & correction"
   */
  correct<G extends GroupOf<P>>(correction: Correction<P, G>): Promise<RegisterRecord<P, G>>
  /**
   * The corrections of a record, oldest first; none of a person who was erased.
   * @throws InvalidInput `input.invalid`, `input.not-in-policy`, `tenant.not-allowed`
   */
  history<G extends GroupOf<P>>(where: {
    readonly group: G
    readonly subject: string
  }): AsyncIterable<HistoryEntry>
}

interface Parts<P extends Policy = Policy> {
  readonly tenant: string
  readonly policy: P
  readonly tier: Group['tier']
  readonly store: Store
  readonly environment: Environment
  readonly keys: Keys
  readonly ledger: LedgerWriter
  readonly standings: Standings
}

const register: Actor = { role: 'system', id: 'register' }

/** Makes the register of a tenant. */
export function createRegister<P extends Policy>(
  tenant: string,
  given: Omit<Parts<P>, 'tenant'>,
): Register<P> {
  const parts: Parts<P> = { ...given, tenant }
  const { policy, store } = parts
  return {
    async save(input) {
      const parsed = parseInput(policy, input)
      checkTier(groupOf(policy, parsed.group), parts.tier)
      await checkNumbers(policy, parsed, 'record')
      return present(await save(parts, parsed))
    },
    async find(where) {
      const { stored } = await read(parts, asked(parts, where))
      return stored && shown(parts, stored)
    },
    async *list(where) {
      const group = parseGroup(policy, where)
      checkTier(groupOf(policy, group), parts.tier)
      for await (const found of store.scan(records, { tenant, index: 'group', equals: [group] })) {
        const record = await shown(parts, readRecord(found))
        if (record !== null) yield record as never
      }
    },
    async correct(input) {
      const correction = parseCorrection(policy, input)
      checkTier(groupOf(policy, correction.group), parts.tier)
      await checkNumbers(policy, correction, 'correction')
      return present(await correctRecord(parts, correction))
    },
    async *history(where) {
      yield* history(parts, asked(parts, where))
    },
  }
}

/** Which record is asked for, where this tenant may keep such records. */
function asked({ policy, tier }: Parts, input: unknown): Where {
  const { in: group, ...where } = parseWhere(policy, input)
  checkTier(group, tier)
  return where
}

interface Found {
  readonly found: Versioned | null
  readonly stored: StoredRecord | null
}

async function read({ store, tenant }: Parts, where: Where): Promise<Found> {
  const [found = null] = await store.get(records, [recordKey(tenant, where)])
  return { found, stored: found && readRecord(found) }
}

/** A record with its values, as it is or as it was just written. */
interface Opened {
  readonly stored: StoredRecord
  readonly values: FlatFields
}

/** The record as callers see it; `null` where only what an erasure kept is left. */
async function shown<P extends Policy, G extends GroupOf<P>>(
  { standings, keys }: Parts<P>,
  stored: StoredRecord,
): Promise<RegisterRecord<P, G> | null> {
  if ((await standings.read(stored.subject)).standing.state === 'erased') return null
  return present({ stored, values: await openRecord(keys, stored) })
}

function present<P extends Policy, G extends GroupOf<P>>({ stored, values }: Opened): RegisterRecord<P, G> {
  const { group, subject, provenance, changedAt } = stored
  return { group, subject, ...unflatten(values), provenance, changedAt } as unknown as RegisterRecord<P, G>
}

async function checkNumbers(
  policy: Policy,
  { group, fields }: { readonly group: string; readonly fields: Readonly<Record<string, unknown>> },
  what: 'record' | 'correction',
): Promise<void> {
  const declared = declaredFields(policy, group)
  for (const [name, value] of Object.entries(fields)) {
    const field = declared.get(name)
    if (field && value !== null) await checkNumber(field, { value, path: `${what}.fields.${name}` })
  }
}

function save(parts: Parts, { group, subject, origin, fields }: Parsed): Promise<Opened> {
  const { store, environment, keys } = parts
  return settle({ store, environment }, async () => {
    const before = await read(parts, { group, subject })
    const changed = replacement(before.stored ? await openRecord(keys, before.stored) : {}, fields)
    const at = environment.now()
    const written: Writing = { where: { group, subject }, ...before, changed, at, origin }
    const stored = { ...(await rewritten(parts, written)), provenance: { origin, at } }
    const past = exempt(parts.policy, written)
    const entry = past && { ...past, head: { why: 'replaced', initiative: 'controller' } as const }
    const act = { action: 'register.saved', actor: register, details: { origin } }
    const changes = await writeChanges(parts, written, { stored, entry, act })
    return { changes, result: { stored, values: fields } }
  })
}

function correctRecord(parts: Parts, correction: ParsedCorrection): Promise<Opened> {
  const { store, environment, standings, keys, policy } = parts
  const { group, subject, fields, why, initiative, origin, operator } = correction
  return settle({ store, environment }, async () => {
    // First, because even a correction that changes nothing would show what an erasure had to keep.
    await standings.touch(subject)
    const before = await read(parts, correction)
    if (!before.stored) throw new NotFound('record.missing', 'there is no such record', { record: group })
    const values = await openRecord(keys, before.stored)
    const changed = correct(policy, { group, before: values, changes: fields })
    if (Object.keys(changed).length === 0) return { changes: [], result: { stored: before.stored, values } }
    const at = environment.now()
    const from = origin ?? before.stored.provenance.origin
    const written: Writing = { where: { group, subject }, ...before, changed, at, origin: from }
    const stored = await rewritten(parts, written)
    const entry = { changed, head: { why, initiative, ...(operator !== undefined && { operator }) } }
    const details = { why, initiative, fields: Object.keys(changed).sort().join(' ') }
    const act = { action: 'register.corrected', actor: await actorOf(parts, correction), details }
    const changes = await writeChanges(parts, written, { stored, entry, act })
    return { changes, result: { stored, values: valuesAfter(values, changed) } }
  })
}

function valuesAfter(values: FlatFields, changed: Readonly<Record<string, FieldChange>>): FlatFields {
  const after = {
    ...values,
    ...Object.fromEntries(Object.entries(changed).map(([name, { to }]) => [name, to])),
  }
  return Object.fromEntries(Object.entries(after).filter(([, value]) => value !== null))
}

/** The operator who made it; otherwise the subject at a screen, or the controller's own system. */
async function actorOf({ keys }: Parts, { operator, initiative, subject }: ParsedCorrection): Promise<Actor> {
  if (operator !== undefined) return { role: 'operator', id: operator }
  return initiative === 'subject' ? { role: 'subject', id: await keys.reference(subject) } : register
}

/** A write: what was there, and what is different after it. */
interface Writing extends Found {
  readonly where: Where
  readonly changed: Readonly<Record<string, FieldChange>>
  readonly at: Instant
  readonly origin: string
}

/** The record after a write; fields that did not change stay as they lie, sealed and dated. */
async function rewritten(
  { policy, keys }: Parts,
  { where, stored, changed, at, origin }: Writing,
): Promise<StoredRecord> {
  const declared = declaredFields(policy, where.group)
  const fields: Record<string, StoredField> = { ...stored?.fields }
  for (const [name, { to: value }] of Object.entries(changed)) {
    const field = declared.get(name)
    if (value === null || field === undefined) delete fields[name]
    else fields[name] = await sealField(keys, { ...where, name }, { field, value, at, origin })
  }
  const { provenance = { origin, at }, corrections: count = 0 } = stored ?? {}
  return { ...where, fields, provenance, changedAt: at, corrections: count }
}

/** Of what goes when a record is replaced, what an exemption wants kept; `null` where there is nothing. */
function exempt(policy: Policy, { stored, changed, at }: Writing): Pick<Entry, 'changed'> | null {
  const going = Object.keys(changed).flatMap((name) => {
    const field = stored?.fields[name]
    return field ? [{ name, category: field.category, recordedAt: at }] : []
  })
  const kept = keptFields(going, { policy, today: todayOf(policy, at) }).map(({ field }) => field)
  return kept.length > 0
    ? { changed: Object.fromEntries(Object.entries(changed).filter(([name]) => kept.includes(name))) }
    : null
}

/** An entry of the history. */
interface Entry {
  readonly changed: Readonly<Record<string, FieldChange>>
  readonly head: Pick<StoredCorrection, 'why' | 'initiative' | 'operator'>
}

/** The changes of every write: record, history, standing and ledger. */
async function writeChanges(
  parts: Parts,
  { where, found, at, stored: before }: Writing,
  { stored, entry, act }: { stored: StoredRecord; entry: Entry | null; act: Written },
): Promise<Change[]> {
  const { policy, tenant, keys, ledger, standings } = parts
  const number = stored.corrections + 1
  const past = entry && (await sealEntry(parts, { where, entry, at, before }))
  const value = (entry ? { ...stored, corrections: number } : stored) as unknown as JsonValue
  const put = { collection: records, key: recordKey(tenant, where) }
  const history = { collection: corrections, key: correctionKey(tenant, where, number) }
  const { clause } = groupOf(policy, where.group)
  const details = { group: where.group, ...act.details }
  const reference = await keys.reference(where.subject)
  return [
    { put, value, expect: found?.version ?? 'absent' },
    ...(past ? [{ put: history, value: past as unknown as JsonValue, expect: 'absent' } as const] : []),
    ...ledger.changes({ ...act, record: reference, clause, details }),
    // Read last, because making a key touches the standing, too.
    ...(await standings.touch(where.subject)),
  ]
}

interface Written {
  readonly action: string
  readonly actor: Actor
  readonly details: Readonly<Record<string, string>>
}

/** What was there is sealed under the category it was under; what was not, under that of the policy. */
async function sealEntry(
  { policy, keys }: Parts,
  { where, entry, at, before }: { where: Where; entry: Entry; at: Instant; before: StoredRecord | null },
): Promise<StoredCorrection> {
  const declared = declaredFields(policy, where.group)
  const changes: Record<string, StoredChange> = {}
  for (const [name, change] of Object.entries(entry.changed)) {
    const { kind, category } = before?.fields[name] ?? (declared.get(name) as Field)
    changes[name] = await sealChange(keys, { ...where, name }, { change, kind, category })
  }
  return { ...entry.head, at, changes }
}

async function* history(parts: Parts, where: Where): AsyncIterable<HistoryEntry> {
  const { store, tenant, keys, standings } = parts
  if ((await standings.read(where.subject)).standing.state === 'erased') return
  const prefix = `${key(tenant, where.subject, where.group)}/`
  for await (const found of store.scan(corrections, { prefix })) {
    const correction = readCorrection(found)
    yield { ...correction, changes: await openChanges(keys, where, correction) } as HistoryEntry
  }
}
