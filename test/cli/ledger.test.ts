/** `pilvi-privacy ledger`: what it refuses before it connects. What it does on servers is in test/stores. */

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { testIo } from './io.ts'

const folder = mkdtempSync(join(tmpdir(), 'pilvi-ledger-'))
afterAll(() => rmSync(folder, { recursive: true }))

const file = (name: string, text: string): string => {
  const path = join(folder, name)
  writeFileSync(path, text, { mode: 0o600 })
  return path
}

async function run(...argv: string[]) {
  const io = testIo()
  const code = await main(['ledger', ...argv], io)
  return { code, out: io.out.join(''), err: io.err.join('') }
}

const keys = file('jwks.json', '{"keys":[]}')
const none = file('none.jsonl', '')
const secret = file('keys.json', `[{"id":"k1","secret":"${Buffer.alloc(32, 7).toString('base64')}"}]`)
const open = file('open.json', '[]')
chmodSync(open, 0o644)
const store = ['--postgres', 'postgres://127.0.0.1:1/x']
const own = ['--tenant', 'pilvi', '--controller', 'pilvi']
const verify = ['verify', ...store, ...own, '--keys', keys]
const outside = ['--checkpoints', join(folder, 'new.jsonl')]
const checkpoint = ['checkpoint', ...store, ...own, ...outside]

describe('pilvi-privacy ledger', () => {
  it('tells how it is used', async () => {
    const { code, out } = await run('--help')
    expect([code, out]).toEqual([0, expect.stringContaining('pilvi-privacy ledger verify --postgres URL')])
  })

  it.each<[string, string[], number, RegExp]>([
    ['no act', [], 2, /say verify or checkpoint/],
    ['another act', ['rewrite', ...store], 2, /say verify or checkpoint/],
    ['a word too many', [...verify, 'x'], 2, /say verify or checkpoint/],
    ['an option that there is none of', [...verify, '--fast'], 2, /--fast/],
    ['no tenant', ['verify', ...store, '--keys', keys], 2, /--tenant is missing/],
    [
      'a tenant that is none',
      ['verify', ...store, '--keys', keys, '--tenant', 'a/b', '--controller', 'a'],
      2,
      /tenant/,
    ],
    [
      'no origin to verify under',
      ['verify', ...store, '--tenant', 'customer-a', '--keys', keys],
      2,
      /--controller or --origin is missing/,
    ],
    [
      'no origin to sign a first head under, which could not be mended',
      ['checkpoint', ...store, '--tenant', 'customer-a', ...outside, '--key-file', secret],
      2,
      /--controller or --origin is missing/,
    ],
    ['no keys', ['verify', ...store, ...own], 2, /--keys is missing/],
    ['keys that are not there', [...verify, '--keys', join(folder, 'x')], 2, /--keys cannot be read/],
    ['keys that are no JSON', [...verify, '--keys', none], 2, /--keys is not JSON/],
    ['keys that are no set', [...verify, '--keys', secret], 2, /jwks must be a key set/],
    [
      'checkpoints that are not there',
      [...verify, '--checkpoints', join(folder, 'x')],
      2,
      /--checkpoints cannot/,
    ],
    [
      'a file without checkpoints',
      [...verify, '--checkpoints', none],
      2,
      /holds no checkpoint of this tenant/,
    ],
    ['a secret where none is needed', [...verify, '--key-file', secret], 2, /--key-file does not fit verify/],
    ['no store', ['verify', ...own, '--keys', keys], 2, /give --postgres URL.*ledger --help/],
    ['two stores', [...verify, '--mongo', 'mongodb://h/x'], 2, /give --postgres URL/],
    [
      'a schema of MongoDB',
      ['verify', '--mongo', 'mongodb://h/x', '--schema', 'x', ...verify.slice(3)],
      2,
      /give/,
    ],
    [
      'a URL of the other',
      ['verify', '--mongo', store[1] ?? '', ...verify.slice(3)],
      2,
      /--mongo must be a URL/,
    ],
    [
      'nobody there under an origin',
      [...verify.slice(0, 5), '--origin', 'o', '--keys', keys],
      6,
      /cannot be reached/,
    ],
    ['nobody there', verify, 6, /cannot be reached/],
    ['no key file', checkpoint, 2, /--key-file is missing/],
    [
      'a key file that others can read',
      [...checkpoint, '--key-file', open],
      2,
      /--key-file can be read by others/,
    ],
    ['a key file that is no list', [...checkpoint, '--key-file', keys], 2, /--key-file must hold a list/],
    ['a key file without keys', [...checkpoint, '--key-file', file('e.json', '[]')], 2, /at least one key/],
    ['a key that is none', [...checkpoint, '--key-file', file('n.json', '[null]')], 2, /keys\[0\]\.id/],
    [
      'a short key',
      [...checkpoint, '--key-file', file('s.json', '[{"id":"a","secret":"AA=="}]')],
      2,
      /32 bytes/,
    ],
    [
      'public keys where none are needed',
      [...checkpoint, '--key-file', secret, '--keys', keys],
      2,
      /does not fit/,
    ],
    ['an origin that is none', [...checkpoint, '--key-file', secret, '--origin', 'a b'], 2, /ledger\.origin/],
    ['nobody there to sequence', [...checkpoint, '--key-file', secret], 6, /cannot be reached/],
  ])('refuses %s in one line', async (_, argv, code, says) => {
    const told = await run(...argv)
    expect(told).toMatchObject({ code, out: '', err: expect.stringMatching(says) })
    expect(told.err).toMatch(/^pilvi-privacy: [^\n]*\n$/)
  })
})
