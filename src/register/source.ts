/**
 * The register and its history as sources of a person's data. An erasure leaves of a record, and of a correction, the
 * fields that must be kept, as they lie (sealed ones stay sealed), and nothing else.
 */

import { collections } from '../collections.ts'
import { settle } from '../commit.ts'
import type { Environment } from '../environment.ts'
import type { Policy, Text } from '../policy/model.ts'
import type { Keys } from '../services.ts'
import type { Held, IdentityKeys, Row, Source } from '../source.ts'
import type { Change, JsonValue, Ref, Store, Versioned } from '../store.ts'
import { key, partsOf } from '../values/key.ts'
import { declaredFields } from './rules.ts'
import { openChanges, openRecord } from './sealing.ts'
import { readCorrection, readRecord, type StoredCorrection, type StoredRecord } from './stored.ts'

const records = collections.register.name
const corrections = collections.corrections.name

/** The field in which a correction says why and by whom it was made; no field of a policy has such a name. */
const made = '_made'
const madeLabel: Text = { en: 'How it was corrected', fi: 'Miten oikaistu' }

interface Parts {
  readonly tenant: string
  readonly policy: Policy
  readonly store: Store
  readonly environment: Environment
  readonly keys: Keys
}

/** The two sources of the register. */
export function createRegisterSources(tenant: string, given: Omit<Parts, 'tenant'>): Source[] {
  const parts: Parts = { ...given, tenant }
  return [
    {
      name: 'register',
      label: { en: 'Customer register', fi: 'Asiakasrekisteri' },
      find: (identity, wanted) => rows(parts, { collection: records, identity, rowOf: recordRow(wanted) }),
      erase: eraser(parts, records, keepOfRecord),
      contacts: (identity) => contactsOfRecords(parts, identity),
    },
    {
      name: 'corrections',
      label: { en: 'Corrections made', fi: 'Tehdyt oikaisut' },
      find: (identity, wanted) =>
        rows(parts, { collection: corrections, identity, rowOf: correctionRow(wanted) }),
      erase: eraser(parts, corrections, keepOfCorrection),
      contacts: (identity) => contactsOfCorrections(parts, identity),
    },
  ]
}

/** Everything of a person in a collection, whatever groups the policy has today. */
const scan = ({ store, tenant }: Parts, collection: string, subject: string): AsyncIterable<Versioned> =>
  store.scan(collection, { prefix: `${key(tenant, subject)}/` })

const pageSize = 100

type RowOf = (parts: Parts, found: Versioned) => Promise<Row>

async function* rows(
  parts: Parts,
  { collection, identity, rowOf }: { collection: string; identity: IdentityKeys; rowOf: RowOf },
): AsyncIterable<Row[]> {
  const page: Row[] = []
  for await (const found of scan(parts, collection, identity.subject)) {
    page.push(await rowOf(parts, found))
    if (page.length === pageSize) yield page.splice(0)
  }
  if (page.length > 0) yield page
}

/** What names a row: the parts of its key after the subject. */
const idOf = (found: Versioned): string => partsOf(found.key).slice(1).join('/')

function labelOf({ policy }: Parts, group: string, name: string): Pick<Held, 'label'> {
  const label = declaredFields(policy, group).get(name)?.label
  return label === undefined ? {} : { label }
}

const recordRow =
  (wanted: 'outline' | 'values'): RowOf =>
  async (parts, found) => {
    const stored = readRecord(found)
    const values = wanted === 'values' ? await openRecord(parts.keys, stored) : undefined
    const fields = Object.entries(stored.fields).flatMap(([name, { category, at, origin }]): Held[] => {
      const held = { name, category, recordedAt: at, origin, ...labelOf(parts, stored.group, name) }
      const value = values?.[name]
      if (values === undefined) return [held]
      return value === undefined ? [] : [{ ...held, value }]
    })
    return { id: idOf(found), fields }
  }

const correctionRow =
  (wanted: 'outline' | 'values'): RowOf =>
  async (parts, found) => {
    const { changes, at: recordedAt, category, ...head } = readCorrection(found)
    const [subject = '', group = ''] = partsOf(found.key)
    const values =
      wanted === 'values' ? await openChanges(parts.keys, { subject, group }, { changes }) : undefined
    const own: Held = { name: made, category, recordedAt, label: madeLabel }
    const fields = Object.entries(changes).flatMap(([name, change]): Held[] => {
      const held = { name, category: change.category, recordedAt, ...labelOf(parts, group, name) }
      const value = values?.[name]
      if (values === undefined) return [held]
      return value === undefined ? [] : [{ ...held, value: { ...value } }]
    })
    if (Object.keys(head).length === 0) return { id: idOf(found), fields }
    return { id: idOf(found), fields: [values ? { ...own, value: head as JsonValue } : own, ...fields] }
  }

/** What is left of a stored value, or `null` where nothing is. */
type Keep = (found: Versioned, keep: readonly string[]) => object | null

const chosen = <T>(fields: Readonly<Record<string, T>>, keep: readonly string[]): Record<string, T> =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => keep.includes(name)))

const keepOfRecord: Keep = (found, keep) => {
  const stored = readRecord(found)
  const fields = chosen(stored.fields, keep)
  return Object.keys(fields).length > 0 ? ({ ...stored, fields } satisfies StoredRecord) : null
}

const keepOfCorrection: Keep = (found, keep) => {
  const { changes: all, at, category, ...head } = readCorrection(found)
  const changes = chosen(all, keep)
  const own = keep.includes(made) ? head : {}
  const left: StoredCorrection = { at, category, ...own, changes }
  return Object.keys(changes).length > 0 || Object.keys(own).length > 0 ? left : null
}

/** Rows without the fields that go; a row of which nothing is kept goes whole. */
const eraser =
  ({ store, environment, tenant }: Parts, collection: string, left: Keep): Source['erase'] =>
  async ({ subject }, erasures) => {
    for (const { row, keep } of erasures) {
      const ref: Ref = { collection, key: key(tenant, subject, ...row.split('/')) }
      await settle({ store, environment }, async () => {
        const [found] = await store.get(collection, [ref.key])
        if (!found) return { changes: [], result: undefined }
        const value = left(found, keep) as JsonValue
        const change: Change =
          value === null ? { remove: ref, expect: found.version } : { put: ref, value, expect: found.version }
        return { changes: [change], result: undefined }
      })
    }
  }

const isContact = ({ kind }: { readonly kind: string }, value: unknown): value is string =>
  (kind === 'email' || kind === 'phone') && typeof value === 'string'

async function* contactsOfRecords(parts: Parts, { subject }: IdentityKeys): AsyncIterable<string> {
  for await (const found of scan(parts, records, subject)) {
    for (const field of Object.values(readRecord(found).fields))
      if (isContact(field, field.value)) yield field.value
  }
}

/** Addresses that were corrected away: what was prohibited by the person stays prohibited by them, too. */
async function* contactsOfCorrections(parts: Parts, { subject }: IdentityKeys): AsyncIterable<string> {
  for await (const found of scan(parts, corrections, subject)) {
    const correction = readCorrection(found)
    const group = partsOf(found.key)[1] ?? ''
    const opened = await openChanges(parts.keys, { subject, group }, correction)
    for (const [name, { from }] of Object.entries(opened)) {
      const change = correction.changes[name]
      if (change && isContact(change, from)) yield from
    }
  }
}
