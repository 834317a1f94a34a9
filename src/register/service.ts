/**
 * The shell around the register: each write is one commit of the record, what it changed, the standing of the person
 * and the ledger together. Reads give opened values.
 */

import { collections } from '../collections.ts'
import { settle } from '../commit.ts'
import type { Environment } from '../environment.ts'
import { NotFound } from '../errors.ts'
import type { Actor } from '../ledger/model.ts'
import type { Group, GroupOf, Policy } from '../policy/model.ts'
import type { Keys, LedgerWriter, Standings } from '../services.ts'
import type { Store, Versioned } from '../store.ts'
import { key } from '../values/key.ts'
import { subjectsBy } from './lookups.ts'
import type {
  Correction,
  HistoryEntry,
  LookupFieldOf,
  LookupValue,
  RegisterInput,
  RegisterRecord,
} from './model.ts'
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
  parseLookup,
  parseWhere,
  replacement,
  unflatten,
  type Where,
} from './rules.ts'
import { openChanges, openRecord } from './sealing.ts'
import { readCorrection, readRecord, recordKey, type StoredRecord } from './stored.ts'
import { exempt, written } from './writing.ts'

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
   * The people of a group whose present value of a field is this one, as people write it: without regard to letter case
   * and to the separators of numbers; payment details are looked up by their IBAN. Only fields that the policy declares
   * with `lookup`; of a record that was last written before it did, nothing is found. No value is opened. None of erased
   * people.
   * @throws InvalidInput `input.invalid`, `input.not-in-policy`, `tenant.not-allowed`
   */
  lookup<G extends GroupOf<P>, N extends LookupFieldOf<P, G>>(where: {
    readonly group: G
    readonly field: N
    readonly equals: LookupValue<P, G, N>
  }): AsyncIterable<{ readonly group: G; readonly subject: string }>
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
    async *lookup(where) {
      const asked = parseLookup(policy, where)
      checkTier(groupOf(policy, asked.group), parts.tier)
      for await (const subject of subjectsBy(parts, asked)) yield { group: where.group, subject }
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
  const { store, environment, keys, policy } = parts
  return settle({ store, environment }, async () => {
    const where = { group, subject }
    const before = await read(parts, where)
    const changed = replacement(before.stored ? await openRecord(keys, before.stored) : {}, fields)
    const at = environment.now()
    const { stored, changes } = await written(parts, {
      ...before,
      ...{ where, changed, values: fields, at, origin },
      provenance: { origin, at },
      act: { action: 'register.saved', actor: register, details: { origin } },
      history: exempt(policy, { ...before, changed, at }),
      head: { why: 'replaced', initiative: 'controller' },
    })
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
    const after = valuesAfter(values, changed)
    const { provenance } = before.stored
    const details = { why, initiative, fields: Object.keys(changed).sort().join(' ') }
    const { stored, changes } = await written(parts, {
      ...before,
      ...{ where: { group, subject }, changed, values: after, at: environment.now(), provenance },
      origin: origin ?? provenance.origin,
      act: { action: 'register.corrected', actor: await actorOf(parts, correction), details },
      history: changed,
      head: { why, initiative, ...(operator !== undefined && { operator }) },
    })
    return { changes, result: { stored, values: after } }
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

async function* history(parts: Parts, where: Where): AsyncIterable<HistoryEntry> {
  const { store, tenant, keys, standings } = parts
  if ((await standings.read(where.subject)).standing.state === 'erased') return
  const prefix = `${key(tenant, where.subject, where.group)}/`
  for await (const found of store.scan(corrections, { prefix })) {
    const { category: _, ...correction } = readCorrection(found)
    yield { ...correction, changes: await openChanges(keys, where, correction) } as HistoryEntry
  }
}
