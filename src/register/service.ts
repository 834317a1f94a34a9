/**
 * The shell around the register: parses against the policy, seals what the models say, and commits record, history,
 * standing and ledger together. Reads give opened values.
 */

import { collections } from '../collections.ts'
import { settle } from '../commit.ts'
import { type Environment, type Instant, newId } from '../environment.ts'
import { NotFound } from '../errors.ts'
import type { Actor } from '../ledger/model.ts'
import type { Field, Group, GroupOf, Policy } from '../policy/model.ts'
import type { Keys, LedgerWriter, Standings } from '../services.ts'
import type { Change, JsonValue, Store, Versioned } from '../store.ts'
import { canonical } from '../values.ts'
import type { Correction, HistoryEntry, RegisterInput, RegisterRecord } from './model.ts'
import { checkNumber } from './numbers.ts'
import {
  checkTier,
  correct,
  declaredFields,
  type FlatFields,
  groupOf,
  type Parsed,
  type ParsedCorrection,
  parseCorrection,
  parseGroup,
  parseInput,
  parseWhere,
  readRecord,
  type StoredRecord,
  unflatten,
  type Where,
} from './rules.ts'
import { createSealing, historyContext, openHistory, recordKey } from './sealing.ts'

const records = collections.register.name
const corrections = collections.corrections.name

/** The customer register of one tenant. */
export interface Register<P extends Policy = Policy> {
  /**
   * Saves a person's record in a group, making it or replacing it whole. What a replaced record held is not kept:
   * `correct` keeps the history.
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

interface Parts<P extends Policy> {
  readonly policy: P
  readonly tier: Group['tier']
  readonly store: Store
  readonly environment: Environment
  readonly keys: Keys
  readonly ledger: LedgerWriter
  readonly standings: Standings
}

/** What the commit of a write holds beside the record. */
interface Written {
  readonly found: Versioned | null
  readonly touched: readonly Change[]
  readonly action: string
  readonly actor: Actor
  readonly details: object
}

const register: Actor = { role: 'system', id: 'register' }

/** Makes the register of a tenant. */
export function createRegister<P extends Policy>(tenant: string, parts: Parts<P>): Register<P> {
  const { policy, store, environment, keys, ledger, standings } = parts
  const sealing = createSealing(policy, keys)

  async function read(where: Where): Promise<{ found: Versioned | null; record: StoredRecord | null }> {
    const [found = null] = await store.get(records, [recordKey(tenant, where)])
    return { found, record: found && readRecord(found) }
  }

  const isErased = async (subject: string): Promise<boolean> =>
    (await standings.read(subject)).standing.state === 'erased'

  /** Which record is asked for, where this tenant may keep such records. */
  function asked(input: unknown): Where {
    const { in: group, ...where } = parseWhere(policy, input)
    checkTier(group, parts.tier)
    return where
  }

  /** The changes of every write: record, standing and ledger. */
  async function written(
    record: StoredRecord,
    { found, touched, details, ...act }: Written,
  ): Promise<Change[]> {
    const ref = { collection: records, key: recordKey(tenant, record) }
    const value = (await sealing.seal(record)) as unknown as JsonValue
    const reference = await keys.reference(record.subject)
    const { clause } = groupOf(policy, record.group)
    return [
      { put: ref, value, expect: found?.version ?? 'absent' },
      ...touched,
      ...ledger.changes({ ...act, record: reference, clause, details: { group: record.group, ...details } }),
    ]
  }

  async function checkNumbers(fields: Readonly<Record<string, unknown>>, path: Path): Promise<void> {
    const declared = declaredFields(policy, path.group)
    for (const [name, value] of Object.entries(fields)) {
      const field = declared.get(name)
      if (field && value !== null) await checkNumber(field, { value, path: `${path.of}.fields.${name}` })
    }
  }

  function save(parsed: Parsed): Promise<StoredRecord> {
    return settle({ store, environment }, async () => {
      // First, because sealing would make a key for somebody who was erased.
      const touched = await standings.touch(parsed.subject)
      const { found } = await read(parsed)
      const at = environment.now()
      const { origin, ...rest } = parsed
      const record: StoredRecord = { ...rest, provenance: { origin, at }, changedAt: at }
      const act = { action: 'register.saved', actor: register, details: { origin } }
      return { changes: await written(record, { found, touched, ...act }), result: record }
    })
  }

  function corrected(correction: ParsedCorrection): Promise<StoredRecord> {
    const { group, subject, fields: changes, why, initiative, operator } = correction
    return settle({ store, environment }, async () => {
      // First, because even a correction that changes nothing would show what an erasure had to keep.
      const touched = await standings.touch(subject)
      const { found, record: stored } = await read(correction)
      if (!found || !stored) {
        throw new NotFound('record.missing', 'there is no such record', { record: group })
      }
      const before = await sealing.open(stored)
      const { after, changed } = correct(policy, { group, before: before.fields, changes })
      if (Object.keys(changed).length === 0) return { changes: [], result: before }
      const at = environment.now()
      const record: StoredRecord = { ...before, fields: after, changedAt: at }
      const details = { why, initiative, fields: Object.keys(changed).sort().join(' ') }
      const act = { action: 'register.corrected', actor: await actorOf(correction), details }
      const entry = { at, why, initiative, ...(operator !== undefined && { operator }) }
      const past = await historyChange(correction, { entry, changed })
      return { changes: [...(await written(record, { found, touched, ...act })), past], result: record }
    })
  }

  /** The operator who made it; otherwise the subject at a screen, or the controller's own system. */
  async function actorOf({ operator, initiative, subject }: ParsedCorrection): Promise<Actor> {
    if (operator !== undefined) return { role: 'operator', id: operator }
    return initiative === 'subject' ? { role: 'subject', id: await keys.reference(subject) } : register
  }

  /** Old and new values are personal data: each is sealed under the category of its own field. */
  async function historyChange(
    where: Where,
    { entry, changed }: { entry: object; changed: ReturnType<typeof correct>['changed'] },
  ): Promise<Change> {
    const declared = declaredFields(policy, where.group)
    const sealed: Record<string, string> = {}
    for (const [name, change] of Object.entries(changed)) {
      const context = sealing.context(where, { name, field: declared.get(name) as Field })
      sealed[name] = await keys.seal(canonical({ ...change }), historyContext(context))
    }
    const ref = { collection: corrections, key: recordKey(tenant, where) }
    const [last] = await store.get(corrections, [ref.key])
    const value = { ...entry, changes: sealed } as JsonValue
    return { append: ref, id: newId(environment), value, expect: (last?.version ?? 0) + 1 }
  }

  /** The record as callers see it; `null` where only what an erasure kept is left. */
  async function shown<G extends GroupOf<P>>(stored: StoredRecord): Promise<RegisterRecord<P, G> | null> {
    return (await isErased(stored.subject)) ? null : present(await sealing.open(stored))
  }

  return {
    async save(input) {
      const parsed = parseInput(policy, input)
      checkTier(groupOf(policy, parsed.group), parts.tier)
      await checkNumbers(parsed.fields, { of: 'record', group: parsed.group })
      return present(await save(parsed))
    },
    async find(where) {
      const { record } = await read(asked(where))
      return record && shown(record)
    },
    async *list(where) {
      const group = parseGroup(policy, where)
      checkTier(groupOf(policy, group), parts.tier)
      for await (const found of store.scan(records, { tenant, index: 'group', equals: [group] })) {
        const record = await shown(readRecord(found))
        if (record !== null) yield record as never
      }
    },
    async correct(input) {
      const correction = parseCorrection(policy, input)
      checkTier(groupOf(policy, correction.group), parts.tier)
      await checkNumbers(correction.fields, { of: 'correction', group: correction.group })
      return present(await corrected(correction))
    },
    async *history(input) {
      const where = asked(input)
      if (await isErased(where.subject)) return
      for await (const { value } of store.scan(corrections, { stream: recordKey(tenant, where) })) {
        yield openHistory(value, { sealing, keys, policy, where })
      }
    },
  }
}

/** Of what the values are, for messages. */
interface Path {
  readonly of: 'record' | 'correction'
  readonly group: string
}

/** A stored record as callers see it. */
function present<P extends Policy, G extends GroupOf<P>>(record: StoredRecord): RegisterRecord<P, G> {
  const { fields, services } = unflatten(record.fields as FlatFields)
  return { ...record, fields, services, changedAt: record.changedAt as Instant } as unknown as RegisterRecord<
    P,
    G
  >
}
