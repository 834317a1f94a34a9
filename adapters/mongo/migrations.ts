/**
 * How the collections come to be: planned from what the server lists, made by `migrate` only, and each step does
 * nothing where another process has done it already, so that two may migrate at once. No data are dropped.
 *
 * Layouts: 1, the visit log as one collection; 2, one a day.
 */

import type { Collection, Migration, Store } from '../../src/store.ts'
import { checkRead, layoutReady, newerLayout, type Ready } from '../migration.ts'
import type { Connection } from './connection.ts'
import type { Names } from './names.ts'
import { type Index, indexesOf, wanted } from './schema.ts'
import { divide } from './visits.ts'

const layout = 2

type Step = Migration['steps'][number] & { run(): Promise<unknown> }

async function stepsFor(connection: Connection, collection: string, indexes: Index[]): Promise<Step[]> {
  const there = await indexesOf(connection, collection)
  const steps: Step[] = []
  const quoted = JSON.stringify(collection)
  if (there === null) {
    steps.push({
      says: `Make the collection ${collection}.`,
      statement: `db.createCollection(${quoted})`,
      run: () => connection.makeCollection(collection).catch(unlessCode(48)), // NamespaceExists
    })
  }
  for (const { name, keys, options } of new Map(indexes.map((each) => [each.name, each])).values()) {
    if (there?.has(name)) continue
    const all = { name, ...options }
    steps.push({
      says: `Make an index of ${collection} by ${Object.keys(keys).join(', ')}.`,
      statement: `db.getCollection(${quoted}).createIndex(${JSON.stringify(keys)}, ${JSON.stringify(all)})`,
      run: () => connection.collection(collection).createIndex(keys, all),
    })
  }
  return steps
}

const unlessCode =
  (code: number) =>
  (error: unknown): void => {
    if ((Object(error) as { readonly code?: unknown }).code !== code) throw error
  }

async function layoutOf(connection: Connection, name: Names): Promise<number> {
  const found = await connection.read(() =>
    connection.collection(name.layout).find({ _id: 'layout' }).toArray(),
  )
  return Number(found[0]?.['layout'] ?? 0)
}

/** That the collections are those that this version knows. */
export const layoutKnown = (connection: Connection, name: Names): Ready =>
  layoutReady(() => layoutOf(connection, name), layout)

/** Nothing of the server is used that a lone one might not have, until it is known not to be one. */
async function planned(
  connection: Connection,
  name: Names,
  collections: ReadonlyMap<string, Collection>,
): Promise<Migration & { readonly steps: Step[] }> {
  const why = await connection.unsupported()
  if (why !== null) return { from: 0, to: layout, steps: [], blocked: [why] }
  const from = await layoutOf(connection, name)
  const blocked = newerLayout(from, layout)
  const steps: Step[] = []
  if (blocked.length === 0) {
    for (const [collection, indexes] of wanted(name, collections)) {
      steps.push(...(await stepsFor(connection, collection, indexes)))
    }
    steps.push(...(await stepsToDivide(connection, name)))
    if (from < layout) steps.push(stepToNote(connection, name))
  }
  return { from, to: layout, steps, blocked }
}

async function stepsToDivide(connection: Connection, name: Names): Promise<Step[]> {
  const undivided = connection.collection(name.undivided)
  const [some] = await connection.read(() => undivided.find({}, { limit: 1 }).toArray())
  if (some === undefined) return []
  const quoted = JSON.stringify(name.undivided)
  return [
    {
      says: `Move the visits of ${name.undivided} into a collection a day, ${name.visits}YYYYMMDD.`,
      statement: `db.getCollection(${quoted}).find(), insertMany, db.getCollection(${quoted}).deleteMany(), by thousands`,
      run: () => divide(connection, name),
    },
  ]
}

function stepToNote(connection: Connection, name: Names): Step {
  const [filter, update] = [{ _id: 'layout' }, { $max: { layout } }]
  const quoted = [JSON.stringify(name.layout), JSON.stringify(filter), JSON.stringify(update)] as const
  const note = (): Promise<unknown> =>
    connection.collection(name.layout).updateOne(filter, update, { upsert: true })
  return {
    says: 'Note the number of this layout.',
    statement: `db.getCollection(${quoted[0]}).updateOne(${quoted[1]}, ${quoted[2]}, {"upsert":true})`,
    // Of two that make it at once, one is told that it is there.
    run: () => note().catch(unlessCode(11_000)),
  }
}

/** Plans and applies the migrations of a store. */
export function migrations(
  connection: Connection,
  name: Names,
  collections: ReadonlyMap<string, Collection>,
): Store['migrate'] {
  return {
    async plan() {
      const { steps, ...plan } = await planned(connection, name, collections)
      return { ...plan, steps: steps.map(({ says, statement }) => ({ says, statement })) }
    },
    async apply(migration) {
      const now = await planned(connection, name, collections)
      checkRead(migration, now)
      for (const step of now.steps) await connection.write(step.run)
    },
  }
}
