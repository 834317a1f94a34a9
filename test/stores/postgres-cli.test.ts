/** `pilvi-privacy migrate` against a real server. */

import { afterAll, describe, expect, inject, it } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { testIo } from '../cli/io.ts'
import { dropSchemas, testPool } from './postgres.ts'

const url = inject('databaseUrl')
const schema = `cli_${process.pid}`
const pool = testPool(url)
afterAll(async () => {
  await dropSchemas(pool, [schema])
  await pool.end()
})

async function run(...argv: string[]) {
  const io = testIo()
  const code = await main(['migrate', ...argv], io)
  return { code, out: io.out.join(''), err: io.err.join('') }
}
const here = ['--postgres', url, '--schema', schema]

describe('pilvi-privacy migrate', () => {
  it('plans in words and SQL and makes nothing; applies; and then has nothing to do', async () => {
    const planned = await run('plan', ...here)
    expect(planned).toMatchObject({ code: 0, err: '' })
    expect(planned.out).toContain('From layout 0 to 2:\n1. Make the schema.\n   CREATE SCHEMA IF NOT EXISTS')
    expect((await pool.query('SELECT FROM pg_namespace WHERE nspname = $1', [schema])).rows).toEqual([])
    const applied = await run('apply', ...here)
    expect(applied).toEqual({ code: 0, err: '', out: `${planned.out}Done.\n` })
    for (const act of ['plan', 'apply']) {
      const nothing = { code: 0, err: '', out: 'Nothing is left to do (layout 2).\n' }
      expect(await run(act, ...here)).toEqual(nothing)
    }
  })

  it('says what stands in the way, and ends as a store that failed', async () => {
    await pool.query(`UPDATE "${schema}"._layout SET layout = 9`)
    for (const act of ['plan', 'apply']) {
      const { code, out } = await run(act, ...here)
      expect([code, out]).toEqual([6, expect.stringMatching(/^Blocked: the database has layout 9/)])
    }
    await pool.query(`UPDATE "${schema}"._layout SET layout = 2`)
  })

  it.each<[string, string[], number, RegExp]>([
    ['no act', here, 2, /say plan or apply/],
    ['another act', ['drop', ...here], 2, /say plan or apply/],
    ['no database', ['plan'], 2, /give --postgres URL/],
    ['two databases', ['plan', ...here, '--mongo', 'mongodb://localhost/x'], 2, /give --postgres URL/],
    ['a schema of MongoDB', ['plan', '--mongo', 'mongodb://localhost/x', '--schema', 'x'], 2, /give --post/],
    ['a URL of the other', ['plan', '--postgres', 'mongodb://me:hunter2@h/x'], 2, /--postgres must be a URL/],
    ['a MongoDB of the other', ['plan', '--mongo', 'postgres://me:hunter2@h/x'], 2, /--mongo must be a URL/],
    ['no database by name', ['plan', '--mongo', 'mongodb://me:hunter2@localhost'], 2, /must name a database/],
    ['a bad schema', ['plan', '--postgres', url, '--schema', 'a"b'], 2, /schema must be/],
    ['nobody there', ['plan', '--postgres', 'postgres://me:hunter2@127.0.0.1:1/x'], 6, /cannot be reached/],
    ['plaintext', ['plan', '--postgres', 'postgres://me:hunter2@db.example.org/x'], 6, /not encrypted/],
    ['half a URL', ['plan', '--postgres', 'postgres://me:hunter2@[x/y'], 6, /encrypted|reached/],
  ])('refuses %s in one line without a password', async (_, argv, code, says) => {
    const told = await run(...argv)
    expect(told).toMatchObject({ code, err: expect.stringMatching(says) })
    expect(told.err).toMatch(/^pilvi-privacy: [^\n]*\n$/)
    expect(`${told.out}${told.err}`).not.toMatch(/hunter2|me:/)
  })

  it('explains itself', async () => {
    expect((await run('--help')).out).toMatch(/^Usage: pilvi-privacy migrate plan/)
  })
})
