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
import { placeOn, rowOn, type Shelf, shelfOf, shelved } from '../sources/aside.ts'
import type { Change, JsonValue, Store, Versioned } from '../store.ts'
import { partsOf } from '../values/key.ts'
import { removedLookups } from './lookups.ts'
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
      ...kept(parts, {
        shelf: (keys) => shelfOf(keys, { collection: records, source: 'register' }),
        rowOf: recordRow,
        left: keepOfRecord,
        also: removedLookups,
      }),
      contacts: (identity) => contactsOfRecords(parts, identity),
    },
    {
      name: 'corrections',
      label: { en: 'Corrections made', fi: 'Tehdyt oikaisut' },
      ...kept(parts, {
        shelf: (keys) => shelfOf(keys, { collection: corrections, source: 'corrections' }),
        rowOf: correctionRow,
        left: keepOfCorrection,
      }),
      contacts: (identity) => contactsOfCorrections(parts, identity),
    },
  ]
}

/** What the two differ in. */
interface Kind {
  shelf(keys: IdentityKeys): Shelf
  rowOf: RowOf
  left: Keep
  /** What else goes with a row. */
  also?(parts: Parts, row: { readonly subject: string; readonly group: string }): Promise<Change[]>
}

const kept = (parts: Parts, kind: Kind): Pick<Source, 'find' | 'erase' | 'setAside'> => ({
  find: (keys, wanted) => rows(parts, { kind, keys, wanted }),
  erase: eraser(parts, kind),
  async setAside(keys, row) {
    const { aside: _, ...present } = keys
    const from = placeOn(parts.tenant, kind.shelf(present), ...row.split('/'))
    const [found] = await parts.store.get(from.collection, [from.key])
    if (!found) return []
    const to = placeOn(parts.tenant, kind.shelf(keys), ...row.split('/'))
    return [
      { put: to, value: found.value, expect: 'absent' },
      { remove: from, expect: found.version },
    ]
  },
})

const pageSize = 100

type Wanted = 'outline' | 'values'
/** A row, and what of its id is known: the group, and of a correction its number. */
type RowOf = (
  parts: Parts,
  found: Versioned,
  of: { readonly wanted: Wanted; readonly id: readonly string[]; readonly subject: string },
) => Promise<Row>

async function* rows(
  parts: Parts,
  { kind, keys, wanted }: { kind: Kind; keys: IdentityKeys; wanted: Wanted },
): AsyncIterable<Row[]> {
  const shelf = kind.shelf(keys)
  const page: Row[] = []
  for await (const found of shelved(parts, shelf)) {
    page.push(await kind.rowOf(parts, found, { wanted, id: rowOn(shelf, found), subject: keys.subject }))
    if (page.length === pageSize) yield page.splice(0)
  }
  if (page.length > 0) yield page
}

function labelOf({ policy }: Parts, group: string, name: string): Pick<Held, 'label'> {
  const label = declaredFields(policy, group).get(name)?.label
  return label === undefined ? {} : { label }
}

const recordRow: RowOf = async (parts, found, { wanted, id }) => {
  const stored = readRecord(found)
  const values = wanted === 'values' ? await openRecord(parts.keys, stored) : undefined
  const fields = Object.entries(stored.fields).flatMap(([name, { category, at, origin }]): Held[] => {
    const held = { name, category, recordedAt: at, origin, ...labelOf(parts, stored.group, name) }
    const value = values?.[name]
    if (values === undefined) return [held]
    return value === undefined ? [] : [{ ...held, value }]
  })
  return { id: id.join('/'), fields }
}

const correctionRow: RowOf = async (parts, found, { wanted, id, subject }) => {
  const { changes, at: recordedAt, category, ...head } = readCorrection(found)
  const [group = ''] = id
  const values =
    wanted === 'values' ? await openChanges(parts.keys, { subject, group }, { changes }) : undefined
  const own: Held = { name: made, category, recordedAt, label: madeLabel }
  const fields = Object.entries(changes).flatMap(([name, change]): Held[] => {
    const held = { name, category: change.category, recordedAt, ...labelOf(parts, group, name) }
    const value = values?.[name]
    if (values === undefined) return [held]
    return value === undefined ? [] : [{ ...held, value: { ...value } }]
  })
  if (Object.keys(head).length === 0) return { id: id.join('/'), fields }
  return { id: id.join('/'), fields: [values ? { ...own, value: head as JsonValue } : own, ...fields] }
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
  (parts: Parts, { shelf, left, also }: Kind): Source['erase'] =>
  async (keys, erasures) => {
    const { store, environment, tenant } = parts
    for (const { row, keep } of erasures) {
      const ref = placeOn(tenant, shelf(keys), ...row.split('/'))
      const [group = ''] = row.split('/')
      await settle({ store, environment }, async () => {
        const [found] = await store.get(ref.collection, [ref.key])
        if (!found) return { changes: [], result: undefined }
        const value = left(found, keep) as JsonValue
        const change: Change =
          value === null ? { remove: ref, expect: found.version } : { put: ref, value, expect: found.version }
        // What is set aside has none, and is not what the person's present lookups are of.
        const more = keys.aside === undefined ? await also?.(parts, { subject: keys.subject, group }) : []
        return { changes: [change, ...(more ?? [])], result: undefined }
      })
    }
  }

const isContact = ({ kind }: { readonly kind: string }, value: unknown): value is string =>
  (kind === 'email' || kind === 'phone') && typeof value === 'string'

async function* contactsOfRecords(parts: Parts, keys: IdentityKeys): AsyncIterable<string> {
  for await (const found of shelved(parts, shelfOf(keys, { collection: records, source: 'register' }))) {
    for (const field of Object.values(readRecord(found).fields))
      if (isContact(field, field.value)) yield field.value
  }
}

/** Addresses that were corrected away: what was prohibited by the person stays prohibited by them, too. */
async function* contactsOfCorrections(parts: Parts, keys: IdentityKeys): AsyncIterable<string> {
  const { subject } = keys
  for await (const found of shelved(
    parts,
    shelfOf(keys, { collection: corrections, source: 'corrections' }),
  )) {
    const correction = readCorrection(found)
    const group = partsOf(found.key)[1] ?? ''
    const opened = await openChanges(parts.keys, { subject, group }, correction)
    for (const [name, { from }] of Object.entries(opened)) {
      const change = correction.changes[name]
      if (change && isContact(change, from)) yield from
    }
  }
}
