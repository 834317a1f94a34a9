/**
 * MongoDB's commands on the DocumentDB engine, which speaks BSON inside PostgreSQL: each command is a function of
 * the engine. Sessions with a transaction keep a connection of their own at REPEATABLE READ, which is what MongoDB
 * calls snapshot; there PostgreSQL's serialization failure is MongoDB's write conflict (112).
 */

import { Long } from 'mongodb'
import pg from 'pg'
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

/** What the engine does not know: who is in which transaction, and where. */
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

/** Runs commands against an engine. */
export class Commands {
  readonly #pool: pg.Pool
  readonly #cursors = new Map<string, Cursor>()
  readonly #transactions = new Map<string, pg.PoolClient>()
  /** Ended transactions and how: a driver that lost the answer commits again. */
  readonly #ended = new Map<string, 'commit' | 'rollback'>()

  constructor(port: number) {
    const at = { host: '127.0.0.1', port, user: 'postgres', database: 'postgres' }
    this.#pool = new pg.Pool({ ...at, max: 40 })
    this.#pool.on('error', () => {})
  }

  async run(command: Doc): Promise<Doc> {
    const name = Object.keys(command)[0] ?? ''
    const database = String(command['$db'] ?? 'admin')
    try {
      return await this.#dispatch(name, { command, database })
    } catch (error) {
      return failure(error, command['autocommit'] === undefined ? [] : ['TransientTransactionError'])
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
      case 'distinct':
        return this.#document(`${name}_query`, call)
      case 'findAndModify':
        return this.#call('select p_result::text as result from documentdb_api.find_and_modify($1, $2)', call)
      case 'createIndexes':
        return this.#call(
          'select documentdb_api_internal.create_indexes_non_concurrently($1, $2, true)::text as result',
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
    if (command['autocommit'] === undefined) {
      const client = await this.#pool.connect()
      return { client, release: () => client.release() }
    }
    const id = transactionOf(command)
    let client = this.#transactions.get(id)
    if (client === undefined) {
      client = await this.#pool.connect()
      this.#transactions.set(id, client)
      await client.query('begin isolation level repeatable read')
    }
    return { client, release: () => {} }
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
    const row = await this.#query(text.replace('$2', '$2::documentdb_core.bson'), call)
    return { ok: 1, ...decoded(row['result']) }
  }

  #document(fn: string, call: Call): Promise<Doc> {
    return this.#call(`select document::text as result from documentdb_api.${fn}($1, $2)`, call)
  }

  async #plain(fn: string, values: string[]): Promise<Doc> {
    await this.#pool.query(
      `select documentdb_api.${fn}(${values.map((_, i) => `$${i + 1}`).join(', ')})`,
      values,
    )
    return { ok: 1 }
  }

  async #write(fn: 'insert' | 'update' | 'delete', call: Call): Promise<Doc> {
    const found = await this.#call(`select p_result::text as result from documentdb_api.${fn}($1, $2)`, call)
    for (const error of (found['writeErrors'] ?? []) as Doc[]) error['code'] = codeOf(Number(error['code']))
    return found
  }

  async #firstPage(fn: string, call: Call): Promise<Doc> {
    const { client, release } = await this.#client(call)
    let keep = false
    try {
      const { rows } = await client.query(
        `select cursorpage::text as page, continuation::text as continuation, persistconnection as kept,
           cursorid::text as id from documentdb_api.${fn}($1, $2::documentdb_core.bson)`,
        [call.database, specOf(call.command)],
      )
      const { page, continuation, kept, id } = rows[0]
      if (continuation !== null && id !== '0') {
        keep = kept === true && call.command['autocommit'] === undefined
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
    if (cursor === undefined)
      return { ok: 0, code: 43, codeName: 'CursorNotFound', errmsg: `no cursor ${id}` }
    const own = cursor.client
    const { client, release } = own ? { client: own, release: () => {} } : await this.#client(call)
    try {
      const { rows } = await client.query(
        `select cursorpage::text as page, continuation::text as continuation
         from documentdb_api.cursor_get_more($1, $2::documentdb_core.bson, $3::documentdb_core.bson)`,
        [call.database, specOf(call.command), cursor.continuation],
      )
      const page = decoded(rows[0].page)
      if (rows[0].continuation !== null) cursor.continuation = bytesOf(rows[0].continuation)
      else {
        this.#cursors.delete(id)
        own?.release()
        Object.assign(page['cursor'] as Doc, { id: Long.ZERO })
      }
      return page
    } finally {
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

  async #end({ command }: Call, how: 'commit' | 'rollback'): Promise<Doc> {
    const id = transactionOf(command)
    const client = this.#transactions.get(id)
    if (client === undefined) {
      if (this.#ended.get(id) === how) return { ok: 1 }
      return { ok: 0, code: 251, codeName: 'NoSuchTransaction', errmsg: 'no such transaction' }
    }
    this.#transactions.delete(id)
    let broken = true
    try {
      await client.query(how)
      broken = false
      this.#ended.set(id, how)
    } finally {
      client.release(broken)
    }
    return { ok: 1 }
  }

  async #endSessions({ command }: Call): Promise<Doc> {
    const sessions = (command['endSessions'] as readonly Doc[]).map((each) => sessionOf(each))
    for (const [id, client] of this.#transactions) {
      if (!sessions.includes(id.split(' ')[0] ?? '')) continue
      this.#transactions.delete(id)
      client.release(true)
    }
    return { ok: 1 }
  }
}

const sessionOf = (lsid: unknown): string => String((lsid as { readonly id?: unknown } | undefined)?.id)
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

/** The engine packs a SQLSTATE into a number, six bits a character. */
function codeOf(packed: number): number {
  let state = ''
  for (let i = 0, left = packed; i < 5; i++, left >>= 6) state += String.fromCharCode((left & 0x3f) + 48)
  return states[state] ?? (packed > 100_000 ? 8 : packed)
}
const states: Readonly<Record<string, number>> = {
  M0008: 26, // NamespaceNotFound
  M001C: 11_000, // DuplicateKey
  '23505': 11_000,
  '40001': 112, // WriteConflict
  '40P01': 112,
  '55P03': 112,
}

function failure(error: unknown, labels: readonly string[]): Doc {
  const { message, code } = error as { readonly message?: string; readonly code?: string }
  const number = states[code ?? ''] ?? 1
  const errmsg = `${message} [${code}]`
  return { ok: 0, code: number, errmsg, ...(labels.length > 0 && { errorLabels: [...labels] }) }
}
