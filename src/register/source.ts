/**
 * The register and its history as sources of a person's data. An erasure leaves of a record the fields that must be
 * kept, as they are (sealed ones stay sealed), and nothing else.
 */

import { collections } from '../collections.ts'
import { settle } from '../commit.ts'
import type { Environment, Instant } from '../environment.ts'
import type { Field, Policy } from '../policy/model.ts'
import type { Keys } from '../services.ts'
import type { Erasure, IdentityKeys, Row, Source } from '../source.ts'
import { streamSource } from '../sources/stream.ts'
import type { Change, JsonValue, Store, Versioned } from '../store.ts'
import { key } from '../values.ts'
import { declaredFields, readRecord, type StoredRecord } from './rules.ts'
import { createSealing, openHistory, recordKey } from './sealing.ts'

const records = collections.register.name

interface Parts {
  readonly policy: Policy
  readonly store: Store
  readonly environment: Environment
  readonly keys: Keys
}

/** The two sources of the register. */
export function createRegisterSources(tenant: string, parts: Parts): Source[] {
  const { policy, store, environment, keys } = parts
  const sealing = createSealing(policy, keys)
  const fieldOf = (group: string, name: string): Field | undefined => declaredFields(policy, group).get(name)

  async function toRow(found: Versioned): Promise<Row> {
    const stored = readRecord(found)
    const { fields } = await sealing.open(stored)
    return {
      id: stored.group,
      values: fields,
      recordedAt: stored.changedAt as Instant,
      origin: stored.provenance.origin,
    }
  }

  /** The record without the fields that go; a record of which nothing is kept goes whole. */
  function reduce({ subject }: IdentityKeys, { row, keep }: Erasure): Promise<void> {
    return settle({ store, environment }, async () => {
      const ref = { collection: records, key: recordKey(tenant, { subject, group: row }) }
      const [found] = await store.get(records, [ref.key])
      if (!found) return { changes: [], result: undefined }
      const stored = readRecord(found)
      const kept = Object.entries(stored.fields).filter(([name]) => keep.includes(name))
      const value = {
        ...stored,
        fields: Object.fromEntries(kept),
      } satisfies StoredRecord as unknown as JsonValue
      const change: Change =
        kept.length > 0 ? { put: ref, value, expect: found.version } : { remove: ref, expect: found.version }
      return { changes: [change], result: undefined }
    })
  }

  const register: Source = {
    name: 'register',
    label: { en: 'Customer register', fi: 'Asiakasrekisteri' },
    category: (field, { id: group }) => fieldOf(group, field)?.category ?? policy.ownData.corrections,
    labelOf: (field, { id: group }) => fieldOf(group, field)?.label,
    async *find({ subject }) {
      for await (const found of store.scan(records, { prefix: `${key(tenant, subject)}/` }))
        yield [await toRow(found)]
    },
    async erase(identity, erasures) {
      for (const erasure of erasures) await reduce(identity, erasure)
    },
    contacts: ({ id: group, values }) =>
      Object.entries(values).flatMap(([name, value]) => {
        const kind = fieldOf(group, name)?.kind
        return (kind === 'email' || kind === 'phone') && typeof value === 'string' ? [value] : []
      }),
  }

  const corrections = streamSource(parts, {
    name: 'corrections',
    label: { en: 'Corrections made', fi: 'Tehdyt oikaisut' },
    category: policy.ownData.corrections,
    streams: (subject) =>
      Object.keys(policy.groups).map((group) => ({
        id: group,
        ref: { collection: collections.corrections.name, key: recordKey(tenant, { subject, group }) },
      })),
    show: async (entry, { subject, id: group }) =>
      (await openHistory(entry, {
        sealing,
        keys,
        policy,
        where: { subject, group },
      })) as unknown as JsonValue,
    recordedAt: (entry) => (entry as { at: Instant }).at,
  })

  return [register, corrections]
}
