/**
 * MongoDB's commands on the DocumentDB engine, which speaks BSON inside PostgreSQL: each command is a function of
 * the engine. Sessions with a transaction keep a connection of their own at REPEATABLE READ, which is what MongoDB
 * calls snapshot; there PostgreSQL's serialization failure is MongoDB's write conflict (112).
 *
 * Where the engine goes away in the middle of a command, nobody knows what it has done: there is no answer, and the
 * connection breaks. So it is with the commit of a transaction that this gateway knows nothing of.
 */

import { Long } from 'mongodb'
import pg from 'pg'
import { codeOf, failure, isLost, noSuchTransaction, writeConflict } from './errors.ts'
import { type Doc, fromBson, toBson } from './wire.ts'

/** What a command is run with. */
interface Call {
  readonly command: Doc
  readonly database: string
}

interface Cursor {
  continuation: Buffer
  /** Kept where the engine holds the cursor in its connection. */
  readonly client: pg.PoolClient | undefined
}

type End = 'commit' | 'rollback'

/** What the engine does not know: who is in which transaction, and where; a majority of one is what it has. */
const notForTheEngine = [
  '$db',
  'lsid',
  '$clusterTime',
  'txnNumber',
  'autocommit',
  'startTransaction',
  '$readPreference',
  'readConcern',
  'writeConcern',
  'apiVersion',
  'apiStrict',
  'apiDeprecationErrors',
]

/** Database and command, as the engine's functions take them. */
const given = '$1, $2::documentdb_core.bson'

/** Runs commands against an engine. */
export class Commands {
  readonly #pool: pg.Pool
  readonly #cursors = new Map<string, Cursor>()
  readonly #transactions = new Map<string, pg.PoolClient>()
  /** Transactions that have ended and how: a driver that lost the answer commits again. */
  readonly #ended = new Map<string, Promise<End>>()

  constructor(port: number) {
    const at = { host: '127.0.0.1', port, user: 'postgres', database: 'postgres' }
    this.#pool = new pg.Pool({ ...at, max: 40 })
    this.#pool.on('error', () => {})
    this.#pool.on('connect', (client) => client.on('error', () => {})) // those in use are told, too
  }

  /** @throws Error where the engine went away, so that there is no answer */
  async run(command: Doc): Promise<Doc> {
    const name = Object.keys(command)[0] ?? ''
    const database = String(command['$db'] ?? 'admin')
    try {
      return await this.#dispatch(name, { command, database })
    } catch (error) {
      if (isLost(error)) {
        this.#forget(command)
        throw error
      }
      return failure(error, isTransactional(command) ? 'transaction' : 'alone')
    }
  }

  async stop(): Promise<void> {
    for (const client of this.#transactions.values()) client.release(true)
    for (const { client } of this.#cursors.values()) client?.release(true)
    await this.#pool.end()
  }

  #dispatch(name: string, call: Call): Promise<Doc> | Doc {
    switch (name) {
      case 'ping':
        return { ok: 1 }
      case 'endSessions':
        return this.#endSessions(call)
      case 'insert':
      case 'update':
      case 'delete':
        return this.#write(name, call)
      case 'find':
      case 'aggregate':
        return this.#firstPage(`${name}_cursor_first_page`, call)
      case 'listCollections':
        return this.#firstPage('list_collections_cursor_first_page', call)
      case 'listIndexes':
        return this.#firstPage('list_indexes_cursor_first_page', call)
      case 'getMore':
        return this.#getMore(call)
      case 'killCursors':
        return this.#killCursors(call)
      case 'count':
        return this.#call(`select document::text as result from documentdb_api.count_query(${given})`, call)
      case 'createIndexes':
        return this.#call(
          `select documentdb_api_internal.create_indexes_non_concurrently(${given}, true)::text as result`,
          call,
        )
      case 'create':
        return this.#plain('create_collection', [call.database, String(call.command['create'])])
      case 'drop':
        return this.#plain('drop_collection', [call.database, String(call.command['drop'])])
      case 'dropDatabase':
        return this.#plain('drop_database', [call.database])
      case 'commitTransaction':
        return this.#end(call, 'commit')
      case 'abortTransaction':
        return this.#end(call, 'rollback')
      default:
        return { ok: 0, code: 59, codeName: 'CommandNotFound', errmsg: `no such command: ${name}` }
    }
  }

  /** The connection of the command's transaction, or one for this command only. */
  async #client({ command }: Call): Promise<{ client: pg.PoolClient; release(): void }> {
    if (!isTransactional(command)) {
      const client = await this.#pool.connect()
      return { client, release: () => client.release() }
    }
    const id = transactionOf(command)
    let client = this.#transactions.get(id)
    if (client === undefined) {
      // What came before is gone with its engine: going on would commit a part.
      if (command['startTransaction'] === undefined) throw noSuchTransaction()
      client = await this.#pool.connect()
      this.#transactions.set(id, client)
      await client.query('begin isolation level repeatable read')
    }
    return { client, release: () => {} }
  }

  #forget(command: Doc): void {
    const id = transactionOf(command)
    this.#transactions.get(id)?.release(true)
    this.#transactions.delete(id)
  }

  async #query(text: string, call: Call): Promise<Record<string, string | boolean | null>> {
    const { client, release } = await this.#client(call)
    try {
      return (await client.query(text, [call.database, specOf(call.command)])).rows[0]
    } finally {
      release()
    }
  }

  async #call(text: string, call: Call): Promise<Doc> {
    const row = await this.#query(text, call)
    return { ok: 1, ...decoded(row['result']) }
  }

  async #plain(fn: string, values: string[]): Promise<Doc> {
    await this.#pool.query(
      `select documentdb_api.${fn}(${values.map((_, i) => `$${i + 1}`).join(', ')})`,
      values,
    )
    return { ok: 1 }
  }

  async #write(fn: 'insert' | 'update' | 'delete', call: Call): Promise<Doc> {
    const found = await this.#call(
      `select p_result::text as result from documentdb_api.${fn}(${given})`,
      call,
    )
    const errors = (found['writeErrors'] ?? []) as Doc[]
    for (const error of errors) error['code'] = codeOf(Number(error['code']))
    const conflict = errors.find((error) => error['code'] === 112)
    // In a transaction a conflict is no matter of one document: it ends the transaction.
    if (conflict !== undefined && isTransactional(call.command)) throw writeConflict()
    return found
  }

  async #firstPage(fn: string, call: Call): Promise<Doc> {
    const { client, release } = await this.#client(call)
    let keep = false
    try {
      const { rows } = await client.query(
        `select cursorpage::text as page, continuation::text as continuation, persistconnection as kept,
           cursorid::text as id from documentdb_api.${fn}(${given})`,
        [call.database, specOf(call.command)],
      )
      const { page, continuation, kept, id } = rows[0]
      if (continuation !== null && id !== '0') {
        keep = kept === true && !isTransactional(call.command)
        this.#cursors.set(id, { continuation: bytesOf(continuation), client: keep ? client : undefined })
      }
      return decoded(page)
    } finally {
      if (!keep) release()
    }
  }

  async #getMore(call: Call): Promise<Doc> {
    const id = String(call.command['getMore'])
    const cursor = this.#cursors.get(id)
    if (cursor === undefined) return { ok: 0, code: 43, errmsg: `no cursor ${id}` }
    const own = cursor.client
    const { client, release } = own ? { client: own, release: () => {} } : await this.#client(call)
    let more = false
    try {
      const { rows } = await client.query(
        `select cursorpage::text as page, continuation::text as continuation
         from documentdb_api.cursor_get_more(${given}, $3::documentdb_core.bson)`,
        [call.database, specOf(call.command), cursor.continuation],
      )
      const page = decoded(rows[0].page)
      more = rows[0].continuation !== null
      if (more) cursor.continuation = bytesOf(rows[0].continuation)
      else Object.assign(page['cursor'] as Doc, { id: Long.ZERO })
      return page
    } finally {
      if (!more) {
        this.#cursors.delete(id)
        own?.release()
      }
      release()
    }
  }

  #killCursors({ command }: Call): Doc {
    const cursors = command['cursors'] as readonly unknown[]
    for (const each of cursors) {
      this.#cursors.get(String(each))?.client?.release()
      this.#cursors.delete(String(each))
    }
    return { ok: 1, cursorsKilled: cursors }
  }

  async #end({ command }: Call, how: End): Promise<Doc> {
    const id = transactionOf(command)
    const client = this.#transactions.get(id)
    if (client !== undefined) this.#ending(id, client, how)
    const outcome = this.#ended.get(id)
    if (outcome === undefined && how === 'commit') throw new Error('nobody knows what became of it')
    if ((await outcome) !== how) throw noSuchTransaction()
    return { ok: 1 }
  }

  #ending(id: string, client: pg.PoolClient, how: End): void {
    this.#transactions.delete(id)
    const ending = end(client, how)
    ending.catch(() => {}) // whoever asks is told
    this.#ended.set(id, ending)
  }

  async #endSessions({ command }: Call): Promise<Doc> {
    const sessions = (command['endSessions'] as readonly Doc[]).map((each) => sessionOf(each))
    for (const [id, client] of this.#transactions) {
      if (sessions.includes(id.split(' ')[0] ?? '')) this.#ending(id, client, 'rollback')
    }
    return { ok: 1 }
  }
}

/** PostgreSQL answers the commit of a transaction that has failed by saying that it rolled back. */
async function end(client: pg.PoolClient, how: End): Promise<End> {
  try {
    const { command } = await client.query(how)
    client.release()
    return command === 'COMMIT' ? 'commit' : 'rollback'
  } catch (error) {
    client.release(true)
    throw error
  }
}

const sessionOf = (lsid: unknown): string => String((lsid as { readonly id?: unknown } | undefined)?.id)
const isTransactional = (command: Doc): boolean => command['autocommit'] !== undefined
const transactionOf = (command: Doc): string => `${sessionOf(command['lsid'])} ${command['txnNumber']}`

function specOf(command: Doc): Buffer {
  const spec = { ...command }
  for (const field of notForTheEngine) delete spec[field]
  return toBson(spec)
}

/** The engine gives BSON as text: `BSONHEX` and the digits. */
const bytesOf = (text: string | boolean | null | undefined): Buffer =>
  Buffer.from(String(text).replace(/^BSONHEX/, ''), 'hex')
const decoded = (text: string | boolean | null | undefined): Doc => fromBson(bytesOf(text))
