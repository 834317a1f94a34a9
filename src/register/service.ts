/**
 * The shell around the register: parses against the policy, seals what the models say, and commits record, history,
 * standing and ledger together. Reads give opened values.
 */

import { collections } from '../collections.ts'
import { settle } from '../commit.ts'
import { type Environment, type Instant, newId } from '../environment.ts'
import { NotFound } from '../errors.ts'
import type { Actor } from '../ledger/model.ts'
import { parse } from '../parsing.ts'
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
  parseInput,
  type StoredRecord,
  storedRecordParser,
  unflatten,
} from './rules.ts'
import { createSealing, historyContext, openHistory, recordKey } from './sealing.ts'

const records = collections.register.name
const corrections = collections.corrections.name

/** The customer register of one tenant. */
export interface Register<P extends Policy = Policy> {
  /**
   * Saves a person's record in a group, making it or replacing it whole.
   * @throws InvalidInput `input.invalid`, `input.not-in-policy`, `tenant.not-allowed` (the group belongs to the other tier)
   * @throws Conflict `conflict.erased` where the subject was erased
   * @see the policy, "Personal information"
   */
  save<G extends GroupOf<P>>(input: RegisterInput<P, G>): Promise<RegisterRecord<P, G>>
  /** A person's record in a group, or `null`. Reading what an erasure kept is not what this is for: it gives `null`. */
  find<G extends GroupOf<P>>(where: {
    readonly group: G
    readonly subject: string
  }): Promise<RegisterRecord<P, G> | null>
  /** The records of a group, in order of subjects. */
  list<G extends GroupOf<P>>(where: { readonly group: G }): AsyncIterable<RegisterRecord<P, G>>
  /**
   * Corrects, supplements or takes away single fields, and keeps what changed, when, why and on whose initiative.
   * @throws NotFound `record.missing`; InvalidInput; Conflict `conflict.erased`
   * @see GDPR 16; the policy, "Review & correction"
   */
  correct<G extends GroupOf<P>>(correction: Correction<P, G>): Promise<RegisterRecord<P, G>>
  /** The corrections of a record, oldest first. */
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

/** Makes the register of a tenant. */
export function createRegister<P extends Policy>(tenant: string, parts: Parts<P>): Register<P> {
  const { policy, store, environment, keys, ledger, standings } = parts
  const sealing = createSealing(policy, keys)

  async function read({ group, subject }: { group: string; subject: string }): Promise<{
    found: Versioned | null
    record: StoredRecord | null
  }> {
    checkTier(groupOf(policy, group), parts.tier)
    const [found = null] = await store.get(records, [recordKey(tenant, { subject, group })])
    return { found, record: found && parse(storedRecordParser, found.value, 'stored') }
  }

  /** The changes of every write: record, standing and ledger. */
  async function written(
    record: StoredRecord,
    {
      found,
      action,
      actor,
      details,
    }: { found: Versioned | null; action: string; actor: Actor; details: object },
  ): Promise<Change[]> {
    const sealed = (await sealing.seal(record)) as unknown as JsonValue
    return [
      {
        put: { collection: records, key: recordKey(tenant, record) },
        value: sealed,
        expect: found?.version ?? 'absent',
      },
      ...(await standings.touch(record.subject)),
      ...ledger.changes({
        action,
        actor,
        record: await keys.reference(record.subject),
        clause: groupOf(policy, record.group).clause,
        details: { group: record.group, ...details },
      }),
    ]
  }

  async function checkNumbers(group: string, fields: Readonly<Record<string, unknown>>): Promise<void> {
    const declared = declaredFields(policy, group)
    for (const [name, value] of Object.entries(fields)) {
      const field = declared.get(name)
      if (field && value !== null) await checkNumber(field, { value, path: `record.fields.${name}` })
    }
  }

  function save(parsed: Parsed): Promise<StoredRecord> {
    return settle({ store, environment }, async () => {
      const { found } = await read(parsed)
      const at = environment.now()
      const { origin, ...rest } = parsed
      const record: StoredRecord = { ...rest, provenance: { origin, at }, changedAt: at }
      const actor: Actor = { role: 'system', id: 'register' }
      const changes = await written(record, { found, action: 'register.saved', actor, details: { origin } })
      return { changes, result: record }
    })
  }

  function corrected(correction: ParsedCorrection): Promise<StoredRecord> {
    const { group, subject, fields: changes, why, initiative, operator } = correction
    return settle({ store, environment }, async () => {
      const { found, record: stored } = await read(correction)
      if (!found || !stored)
        throw new NotFound('record.missing', 'there is no such record', { record: group })
      const before = await sealing.open(stored)
      const { after, changed } = correct(policy, { group, before: before.fields, changes })
      const at = environment.now()
      const record: StoredRecord = { ...before, fields: after, changedAt: at }
      if (Object.keys(changed).length === 0) return { changes: [], result: before }
      const actor: Actor =
        operator === undefined
          ? { role: 'subject', id: await keys.reference(subject) }
          : { role: 'operator', id: operator }
      const details = { why, initiative, fields: Object.keys(changed).sort().join(' ') }
      const entry = { at, why, initiative, ...(operator !== undefined && { operator }) }
      return {
        changes: [
          ...(await written(record, { found, action: 'register.corrected', actor, details })),
          await historyChange(correction, { entry, changed }),
        ],
        result: record,
      }
    })
  }

  /** Old and new values are personal data: each is sealed under the category of its own field. */
  async function historyChange(
    where: ParsedCorrection,
    {
      entry,
      changed,
    }: { entry: object; changed: Readonly<Record<string, { from: JsonValue; to: JsonValue }>> },
  ): Promise<Change> {
    const declared = declaredFields(policy, where.group)
    const sealed: Record<string, string> = {}
    for (const [name, change] of Object.entries(changed)) {
      const context = sealing.context(where, { name, field: declared.get(name) as Field })
      sealed[name] = await keys.seal(canonical(change), historyContext(context))
    }
    const ref = { collection: corrections, key: recordKey(tenant, where) }
    const [last] = await store.get(corrections, [ref.key])
    const value = { ...entry, changes: sealed } as JsonValue
    return { append: ref, id: newId(environment), value, expect: (last?.version ?? 0) + 1 }
  }

  /** The record as callers see it; `null` where only what an erasure kept is left. */
  async function shown<G extends GroupOf<P>>(
    stored: StoredRecord | null,
  ): Promise<RegisterRecord<P, G> | null> {
    if (stored === null) return null
    const { standing } = await standings.read(stored.subject)
    return standing.state === 'erased' ? null : present(await sealing.open(stored))
  }

  return {
    async save(input) {
      const parsed = parseInput(policy, input)
      checkTier(groupOf(policy, parsed.group), parts.tier)
      await checkNumbers(parsed.group, parsed.fields)
      return present(await save(parsed))
    },
    async find(where) {
      return shown((await read(where)).record)
    },
    async *list({ group }) {
      checkTier(groupOf(policy, group), parts.tier)
      for await (const found of store.scan(records, { tenant, index: 'group', equals: [group] })) {
        const record = await shown(parse(storedRecordParser, found.value, 'stored'))
        if (record !== null) yield record as never
      }
    },
    async correct(input) {
      const correction = parseCorrection(policy, input)
      await checkNumbers(correction.group, correction.fields)
      return present(await corrected(correction))
    },
    async *history({ group, subject }) {
      checkTier(groupOf(policy, group), parts.tier)
      const stream = recordKey(tenant, { subject, group })
      for await (const { value } of store.scan(corrections, { stream })) {
        yield openHistory(value, { sealing, keys, policy, where: { subject, group } })
      }
    },
  }
}

/** A stored record as callers see it. */
function present<P extends Policy, G extends GroupOf<P>>(record: StoredRecord): RegisterRecord<P, G> {
  const { fields, services } = unflatten(record.fields as FlatFields)
  return { ...record, fields, services, changedAt: record.changedAt as Instant } as unknown as RegisterRecord<
    P,
    G
  >
}
