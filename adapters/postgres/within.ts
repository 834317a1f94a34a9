/**
 * A store inside a transaction that the host has open on a connection of its own, so that a consent and the host's
 * row about it come to be together or not at all. Each commit is a savepoint: what fails is rolled back to it, and the
 * host's transaction goes on. Nothing is ever committed here.
 *
 * The host may still roll back, and must not get back by that what has to stay spent: an attempt at a code, the
 * destruction of a key, a step of a request. So only what `isTransactional` names can be written (design §8), and
 * neither visits, migrations nor copies are to be had.
 */

import { isTransactional } from '../../src/collections.ts'
import { type ErrorDetails, InvalidInput } from '../../src/errors.ts'
import type { Collection, Store } from '../../src/store.ts'
import { guarded } from '../guard.ts'
import type { Ready } from '../migration.ts'
import { checkPeers, type PlaintextConsent } from '../plaintext.ts'
import { untilDone } from '../retry.ts'
import { commit } from './commit.ts'
import { type Body, type Connection, undoneOrThrown } from './connection.ts'
import { asked, inTurn, type PostgresSession, peersOf, type Query } from './driver.ts'
import { failed, failure, isUndone, stateOf } from './failures.ts'
import { get, scan } from './scans.ts'
import type { Names } from './schema.ts'

/** The store in a transaction of `client`. @throws StoreFailure `store.insecure` */
export function transactionStore(
  client: PostgresSession,
  of: {
    readonly collections: ReadonlyMap<string, Collection>
    readonly name: Names
    readonly consent: PlaintextConsent | undefined
    readonly ready: Ready
  },
): Store {
  const { collections, name } = of
  checkPeers(peersOf(client), of.consent)
  const to = savepoints(client)
  return guarded('postgres', collections, {
    get: (collection, keys) => get(to, name, { collection, keys }),
    scan: (collection, range) => scan(to, name, { collection, range }),
    async commit(changes) {
      for (const { change, place, collection } of changes) {
        const path = `changes[${place}]`
        if (!isTransactional(change)) throw notAllowed(`${path} of ${collection.name}`, { path })
      }
      await commit(to, name, changes)
    },
    migrate: { plan: refused, apply: refused },
    visits: {
      append: refused,
      read: refusedReading,
      purge: refused,
      purgeAll: refused,
      find: refusedReading,
      erase: refused,
    },
    bulk: { read: refusedReading, write: refused, tenants: refused },
    ready: of.ready,
  })
}

const notAllowed = (what: string, details: ErrorDetails = {}): InvalidInput =>
  new InvalidInput(
    'transaction.not-allowed',
    `${what} cannot be part of a transaction of the host's`,
    details,
  )

const refused = async (): Promise<never> => {
  throw notAllowed('this call')
}

const refusedReading = (): AsyncIterable<never> => ({
  [Symbol.asyncIterator]: () => ({ next: refused }),
})

/** What runs in the host's transaction. Writes of any kind are in a savepoint, which proves that there is one. */
function savepoints(client: PostgresSession): Connection {
  const query = asked(client)
  const transaction = <T>(body: Body<T>): Promise<T> =>
    untilDone(() => inTurn(client, () => saved(query, body)))
  return {
    read: (text, values) => inTurn(client, () => query(text, values).catch(failed('read'))),
    write: (text, values) => transaction(async (inside) => ({ done: await inside(text, values) })),
    transaction,
  }
}

const savepoint = 'pilvi_privacy'

async function saved<T>(query: Query, body: Body<T>): ReturnType<Body<T>> {
  await query(`SAVEPOINT ${savepoint}`).catch(notOpen)
  try {
    const outcome = await body(query)
    if ('undone' in outcome) await back(query)
    else await query(`RELEASE SAVEPOINT ${savepoint}`)
    return outcome
  } catch (error) {
    await back(query).catch(() => {})
    // The host's snapshot or locks are what it failed on, and stay: the host has to begin anew.
    if (isUndone(error)) throw failure(error, 'work')
    return undoneOrThrown(error)
  }
}

const back = (query: Query): Promise<unknown> =>
  query(`ROLLBACK TO SAVEPOINT ${savepoint}`).then(() => query(`RELEASE SAVEPOINT ${savepoint}`))

/** SQLSTATE 25P01: savepoints are for transactions only. */
function notOpen(error: unknown): never {
  if (stateOf(error) !== '25P01') throw failure(error, 'work')
  throw new InvalidInput('input.invalid', 'client has no transaction open', { path: 'client', cause: error })
}
