/** The store in a PGlite: all of it in this process, which is not safe against a loss of power, and says so. */

import { afterAll, describe, expect, it } from 'vitest'
import { type PgLite, postgresStore } from '../../adapters/postgres/index.ts'
import { storeConformance, visitLogConformance } from '../../src/testing/index.ts'
import { migrated, postgresFactory } from './postgres.ts'

// By a name that the compiler does not follow: the declarations of PGlite do not compile without those of Emscripten.
const name: string = '@electric-sql/pglite'
const { PGlite } = (await import(name)) as { PGlite: new () => PgLite & { close(): Promise<void> } }
const database = new PGlite()
afterAll(() => database.close())

describe('PGlite', () => {
  const factory = postgresFactory(database, 'kit')
  storeConformance({ runner: { describe, it }, factory })
  visitLogConformance({ runner: { describe, it }, factory })

  it('says at start-up what it is not', async () => {
    const { notes } = await postgresStore(database).migrate.plan()
    expect(notes).toEqual([expect.stringMatching(/one process, and not safe against a loss of power/)])
  })

  it('takes no part in a transaction of the host’s', () => {
    expect(() => postgresStore(database).within(database as never)).toThrow(
      expect.objectContaining({ code: 'store.unsupported' }),
    )
  })

  it('statements of the host beside a commit are not part of it', async () => {
    const store = await migrated(postgresStore(database, { schema: 'beside' }))
    await database.query('CREATE TABLE hosts (n int)')
    const put = { put: { collection: 'heads', key: 't/a' }, value: 1, expect: 'absent' } as const
    const fails = store.commit([put, { ...put, put: { ...put.put, key: 't/b' }, expect: 7 }])
    await Promise.all([
      expect(fails).rejects.toMatchObject({ code: 'conflict.version' }),
      database.query('INSERT INTO hosts VALUES (1)'),
      database.query('INSERT INTO hosts VALUES (2)'),
    ])
    expect((await database.query('SELECT n FROM hosts ORDER BY n')).rows).toEqual([{ n: 1 }, { n: 2 }])
  })

  it('closed by the host: unavailable, and nothing was done', async () => {
    const gone = new PGlite()
    const store = await migrated(postgresStore(gone))
    await gone.close()
    const put = (key: string) => ({ put: { collection: 'heads', key }, value: 1, expect: 'absent' }) as const
    for (const changes of [[put('t/a')], [put('t/a'), put('t/b')]]) {
      await expect(store.commit(changes)).rejects.toMatchObject({ code: 'store.unavailable' })
    }
  })
})
