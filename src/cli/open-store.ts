/**
 * Opens the store that a URL names. The driver is the host's: it is looked for when it is needed, and what is missing
 * is told in one line. A URL can hold a password, and so can what a driver says of it: neither is ever repeated.
 */

import { mongoStore } from '../../adapters/mongo/index.ts'
import { postgresStore } from '../../adapters/postgres/index.ts'
import { InvalidInput, type Store } from '../index.ts'

/** Which store, and how the command calls it. */
export interface StoreArgument {
  /** `postgres://…`, `postgresql://…`, `mongodb://…` or `mongodb+srv://…`, which names a database. */
  readonly url: string
  /** What messages call it, for example `--from`. */
  readonly argument: string
  /** The schema, of PostgreSQL. */
  readonly schema?: string | undefined
  /** What the names of collections begin with, of MongoDB. */
  readonly prefix?: string | undefined
  /** Whether a connection that is not encrypted may leave this machine. */
  readonly allowPlaintext?: boolean | undefined
}

/** What a command that works on one store is given: one of two URLs, and what fits that one. */
export interface StoreOptions {
  readonly postgres?: string | undefined
  readonly mongo?: string | undefined
  readonly schema?: string | undefined
  readonly prefix?: string | undefined
  readonly 'allow-plaintext': boolean
}

/** The one store that a command line names. @throws InvalidInput `input.invalid` */
export function oneStore(given: StoreOptions, command: string): StoreArgument {
  const { postgres, mongo, schema, prefix, 'allow-plaintext': allowPlaintext } = given
  if (postgres !== undefined && mongo === undefined && prefix === undefined) {
    const argument = '--postgres'
    return { url: ofScheme(postgres, /^postgres(ql)?:/, argument), argument, schema, allowPlaintext }
  }
  if (mongo !== undefined && postgres === undefined && schema === undefined) {
    const argument = '--mongo'
    return { url: ofScheme(mongo, /^mongodb(\+srv)?:/, argument), argument, prefix, allowPlaintext }
  }
  const says = 'give --postgres URL (and --schema), or --mongo URL (and --prefix)'
  throw new InvalidInput('input.invalid', `${says}; see pilvi-privacy ${command} --help`, { path: 'argv' })
}

function ofScheme(url: string, scheme: RegExp, argument: string): string {
  if (scheme.test(url)) return url
  throw refused({ argument }, 'must be a URL of such a database')
}

/** A store, and a way to end its connections. */
export interface OpenStore {
  readonly store: Store
  close(): Promise<void>
}

/** @throws InvalidInput `input.invalid`; StoreFailure `store.insecure` */
export const openStore = async (of: StoreArgument): Promise<OpenStore> =>
  databaseOf(of) === 'postgres' ? openPostgres(of) : openMongo(of)

/** Which database a URL is of. @throws InvalidInput `input.invalid` */
export function databaseOf(of: Pick<StoreArgument, 'url' | 'argument'>): 'postgres' | 'mongo' {
  const scheme = /^[a-z+]+(?=:\/\/)/.exec(of.url)?.[0]
  if (scheme === 'postgres' || scheme === 'postgresql') return 'postgres'
  if (scheme === 'mongodb' || scheme === 'mongodb+srv') return 'mongo'
  throw refused(of, 'must be a URL that begins with postgres:// or mongodb://')
}

async function openPostgres(of: StoreArgument): Promise<OpenStore> {
  const { default: pg } = await driver(of, 'pg', () => import('pg'))
  const pool = new pg.Pool({ connectionString: of.url, max: 4, connectionTimeoutMillis: 15_000 })
  // A connection that breaks while nobody uses it would end the process.
  pool.on('error', () => {})
  const { schema } = of
  return opened(
    () => postgresStore(pool, { ...(schema !== undefined && { schema }), ...consent(of) }),
    () => pool.end(),
  )
}

async function openMongo(of: StoreArgument): Promise<OpenStore> {
  if (!/^[^/]+\/\/[^/]+\/[^/?]/.test(of.url)) {
    throw refused(of, 'must name a database: mongodb://host/database')
  }
  const { MongoClient } = await driver(of, 'mongodb', () => import('mongodb'))
  const client = understood(of, () => new MongoClient(of.url, { serverSelectionTimeoutMS: 15_000 }))
  const { prefix } = of
  return opened(
    () => mongoStore(client.db(), { ...(prefix !== undefined && { prefix }), ...consent(of) }),
    () => client.close(),
  )
}

const consent = ({ allowPlaintext }: StoreArgument) =>
  allowPlaintext === true ? { allowPlaintext: 'the network is trusted' as const } : {}

async function opened(make: () => Store, close: () => Promise<unknown>): Promise<OpenStore> {
  const end = async (): Promise<void> => {
    await close()
  }
  try {
    const store = make()
    return {
      store,
      async close() {
        await store.close()
        await end()
      },
    }
  } catch (error) {
    await end()
    throw error
  }
}

/** What the driver makes of a URL; its own message would repeat it. */
function understood<T>(of: StoreArgument, make: () => T): T {
  try {
    return make()
  } catch (cause) {
    throw refused(of, 'is not a URL that the driver understands', cause)
  }
}

/** Loads what is the host's to install. @throws InvalidInput `input.invalid`: it is not there */
export async function driver<T>(
  of: Pick<StoreArgument, 'argument'>,
  name: string,
  load: () => Promise<T>,
): Promise<T> {
  try {
    return await load()
  } catch (cause) {
    throw refused(of, `needs the package ${name}: npm install ${name}`, cause)
  }
}

const refused = (
  { argument }: Pick<StoreArgument, 'argument'>,
  says: string,
  cause?: unknown,
): InvalidInput => new InvalidInput('input.invalid', `${argument} ${says}`, { path: argument, cause })
