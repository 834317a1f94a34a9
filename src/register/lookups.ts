/**
 * The lookups of register records: written, replaced and removed in the commit that does so to the record itself, so
 * that none outlives its value or is missing for it. What a record's lookups are to be follows from the policy and the
 * values alone; each write makes them so, whatever an older policy had declared.
 */

import { collections } from '../collections.ts'
import { type FoundLookup, lookupOf, lookupPlace, lookupPrefix } from '../keys/lookups.ts'
import type { LookupRecord } from '../keys/model.ts'
import type { Policy } from '../policy/model.ts'
import type { Keys, Standings } from '../services.ts'
import type { Change, JsonValue, Store } from '../store.ts'
import { comparedForm, isLookedUp } from './equality.ts'
import { declaredFields, type FlatFields, type ParsedLookup, type Where } from './rules.ts'
import type { StoredRecord } from './stored.ts'

interface Parts {
  readonly tenant: string
  readonly store: Store
  readonly keys: Pick<Keys, 'digest'>
}

const collection = collections.lookups.name

/** The changes that make a record's lookups those of its values. */
export async function lookupChanges(
  parts: Parts & { readonly policy: Policy },
  { stored, values }: { readonly stored: StoredRecord; readonly values: FlatFields },
): Promise<Change[]> {
  const subjectDigest = await parts.keys.digest('subject', [stored.subject])
  const wanted = await wantedLookups(parts, { stored, values, subjectDigest })
  const there = await lookupsOfRecord(parts, { ...stored, subjectDigest })
  const known = new Map(there.map((each) => [each.found.key, each]))
  const gone = there.filter(({ found }) => !wanted.has(found.key)).map(removal)
  const puts = [...wanted].flatMap(([at, record]): Change[] => {
    const before = known.get(at)
    if (before?.record.digest === record.digest && before.record.key === record.key) return []
    const value = { ...record } as unknown as JsonValue
    return [{ put: { collection, key: at }, value, expect: before?.found.version ?? 'absent' }]
  })
  return [...gone, ...puts]
}

/** Place -> lookup, of each field that the policy says is looked up, and that has something to compare. */
async function wantedLookups(
  { policy, tenant, keys }: Parts & { readonly policy: Policy },
  {
    stored: { group, subject, fields },
    values,
    subjectDigest,
  }: { stored: StoredRecord; values: FlatFields; subjectDigest: string },
): Promise<ReadonlyMap<string, LookupRecord>> {
  const wanted = new Map<string, LookupRecord>()
  for (const [field, declared] of declaredFields(policy, group)) {
    const [stored, value] = [fields[field], values[field]]
    if (!isLookedUp(declared) || stored === undefined || value === undefined) continue
    const digest = await digestOfValue(keys, { group, field, form: comparedForm(stored, value) })
    if (digest === null) continue
    // The second part of a sealed text is the id of its key.
    const key = stored.sealed ? String(stored.value).split('.')[1] : undefined
    const at = lookupPlace(tenant, { subjectDigest, category: stored.category, group, field })
    wanted.set(at, { digest, subject, group, field, ...(key !== undefined && { key }) })
  }
  return wanted
}

const digestOfValue = async (
  keys: Parts['keys'],
  { group, field, form }: { group: string; field: string; form: string | null },
): Promise<string | null> => (form === null ? null : keys.digest('lookup', [group, field, form]))

async function lookupsOfRecord(
  { store, tenant }: Parts,
  { group, subjectDigest }: { group: string; subjectDigest: string },
): Promise<FoundLookup[]> {
  const all: FoundLookup[] = []
  for await (const found of store.scan(collection, { prefix: lookupPrefix(tenant, { subjectDigest }) })) {
    const lookup = lookupOf(found)
    if (lookup.record.group === group) all.push(lookup)
  }
  return all
}

const removal = ({ found: { key, version } }: FoundLookup): Change => ({
  remove: { collection, key },
  expect: version,
})

/** The changes that remove every lookup of a record. */
export async function removedLookups(parts: Parts, { group, subject }: Where): Promise<Change[]> {
  const subjectDigest = await parts.keys.digest('subject', [subject])
  return (await lookupsOfRecord(parts, { group, subjectDigest })).map(removal)
}

/** The people with a record in a group that holds a value in a field; none who was erased. */
export async function* subjectsBy(
  parts: Parts & { readonly standings: Pick<Standings, 'read'> },
  { group, field, declared, equals }: ParsedLookup,
): AsyncIterable<string> {
  const digest = await digestOfValue(parts.keys, { group, field, form: comparedForm(declared, equals) })
  if (digest === null) return
  const { store, tenant, standings } = parts
  for await (const found of store.scan(collection, { tenant, index: 'digest', equals: [digest] })) {
    const { subject } = lookupOf(found).record
    // An erasure that has just begun has not come to the record yet.
    if ((await standings.read(subject)).standing.state !== 'erased') yield subject
  }
}
