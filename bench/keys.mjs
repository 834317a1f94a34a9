/**
 * What keys, ledger and second factors cost on a store in memory, each next to the bare primitive in the same run: what
 * is above it is the reading of keys and keyring, checks and bookkeeping. On a database its round trips come on top.
 *
 * `npm run bench:keys`; `--quick` for less than a minute and less meaning, `--json` for one object a line: `bench`, `row`,
 * `ours`, `peer`, `unit`, `ratio`, `better`, `aim` (null: nothing is aimed at). Signing and wrapping are no public calls,
 * so the services are built from the sources into `.cache/`.
 */

import { createHash } from 'node:crypto'
import { parseArgs } from 'node:util'
import { CompactSign, compactVerify } from 'jose'
import { verifySync } from 'otplib'
import { built } from './store/built.mjs'
import { range, timed } from './store/data.mjs'
import { against } from './store/measure.mjs'

const { values } = parseArgs({ options: { quick: { type: 'boolean' }, json: { type: 'boolean' } } })
const [rounds, times] = values.quick ? [7, 200] : [21, 1_000]
const utf8 = new TextEncoder()
const digits = (number) => Number(number.toPrecision(4))

/** One row: microseconds of one call on each side, in turns. */
async function row(name, { ours, bare, calls = times }) {
  const each = async (side, round) => ((await timed(() => side(round, calls))) * 1_000) / calls
  const { ours: own, peer, ratio } = await against(rounds, { ours, hand: bare, each })
  const [a, b, r] = [own, peer, ratio].map(digits)
  const line = {
    bench: 'keys',
    row: name,
    ours: a,
    peer: b,
    unit: 'us',
    ratio: r,
    better: 'lower',
    aim: null,
  }
  console.log(values.json ? JSON.stringify(line) : `${name}: ${a} us against ${b}, ratio ${r}`)
}

/** The same call over and over, one at a time. */
const repeated = (call) => async (_, calls) => {
  for (let i = 0; i < calls; i++) await call(i)
}

const lib = await built('bench-keys', {
  privacy: 'src/index.ts',
  memory: 'adapters/memory/index.ts',
  testing: 'src/testing/index.ts',
  pilvi: 'src/policy/pilvi.ts',
  local: 'src/keys/local.ts',
  wrapping: 'src/keys/wrapping.ts',
  keys: 'src/keys/service.ts',
  standings: 'src/consent/standings.ts',
  ledger: 'src/ledger/service.ts',
  codes: 'src/mfa/codes.ts',
})
const environment = lib.fixedEnvironment({ at: '2026-11-23T10:00:00.000Z' })
const store = lib.memoryStore()
const provider = lib.localKeys([{ id: 'k1', secret: new Uint8Array(32).fill(7) }])
const ring = lib.createWrapping({ store, environment, provider })
const installation = { store, environment, provider: ring.through(store) }
const secrets = lib.createSecrets(installation)
const standings = lib.createStandings('bench', { store, keys: lib.createDigests('bench', secrets) })
const keys = lib.createKeys('bench', { ...installation, secrets, standings })

const aes = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
const ed25519 = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify'])
const bound = utf8.encode(
  'a context of about the same length: tenant, subject, category, model, field, record',
)
const encrypt = (plain, iv = crypto.getRandomValues(new Uint8Array(12))) =>
  crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: bound }, aes, plain)

async function sealing() {
  const place = { subject: 'person-1', category: 'payment', model: 'register', field: 'note', record: 'r1' }
  const value = 'x'.repeat(256)
  const [sealed, plain, iv] = [await keys.seal(value, place), utf8.encode(value), new Uint8Array(12)]
  const text = await encrypt(plain, iv)
  const decrypt = () => crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData: bound }, aes, text)
  await row('seal of 256 bytes, against AES-256-GCM', {
    ours: repeated(() => keys.seal(value, place)),
    bare: repeated(() => encrypt(plain)),
  })
  await row('open of 256 bytes, against AES-256-GCM', {
    ours: repeated(() => keys.open(sealed, place)),
    bare: repeated(decrypt),
  })
  const material = new Uint8Array(32)
  await row('wrap of a key by the keyring, against AES-256-GCM', {
    ours: repeated(() => installation.provider.wrap(material, 'a place')),
    bare: repeated(() => encrypt(material)),
  })
}

async function signing() {
  const statement = {
    request: 'r1',
    at: environment.now(),
    rows: range(0, 10).map((n) => ({ id: `row-${n}` })),
  }
  const typ = 'pilvi-bench+jws'
  const bytes = utf8.encode(JSON.stringify(statement))
  const header = { alg: 'EdDSA', typ, kid: 'x'.repeat(43), tenant: 'bench' }
  const sign = () => new CompactSign(bytes).setProtectedHeader(header).sign(ed25519.privateKey)
  const [ours, bare] = [await keys.sign(statement, typ), await sign()]
  await row('sign of a statement, against jose', {
    ours: repeated(() => keys.sign(statement, typ)),
    bare: repeated(sign),
  })
  await row('verify of a statement, against jose', {
    ours: repeated(() => keys.verify(ours, typ)),
    bare: repeated(() => compactVerify(bare, ed25519.publicKey, { algorithms: ['EdDSA'] })),
  })
}

/** Each round has a ledger of its own, of as many entries; the bare side hashes the same bytes and signs each batch. */
async function ledgers() {
  const act = { action: 'register.saved', actor: { role: 'operator', id: 'agent-7' }, record: 'x'.repeat(64) }
  const [batch, count] = [200, values.quick ? 400 : 2_000]
  const ledgerOf = (round) => {
    const tenant = `ledger-${round}`
    const own = lib.createKeys(tenant, { ...installation, secrets, standings })
    return lib.createLedger(tenant, { store, environment, keys: own, origin: `bench/${tenant}` })
  }
  const entry = Buffer.from(
    JSON.stringify({ ...act, id: 'x'.repeat(26), recordedAt: environment.now(), sequence: 1 }),
  )
  const hashed = (calls) => range(0, calls).map(() => createHash('sha256').update(entry).digest())
  const signature = await crypto.subtle.sign('Ed25519', ed25519.privateKey, entry)
  await row('ledger: append of an act, sequenced, against SHA-256 and a signature for 200', {
    calls: count,
    async ours(round, calls) {
      const ledger = ledgerOf(round)
      for (let i = 0; i < calls; i++) {
        environment.advance(1)
        await store.commit(ledger.changes(act))
      }
      await ledger.sequence()
    },
    async bare(_, calls) {
      for (let i = 0; i < calls; i += batch) {
        hashed(batch)
        await crypto.subtle.sign('Ed25519', ed25519.privateKey, entry)
      }
    },
  })
  await row('ledger: verify of an entry, against SHA-256 and one signature', {
    calls: count,
    async ours(round) {
      const { outcome } = await ledgerOf(round).verify()
      if (outcome !== 'intact') throw new Error('the ledger is not intact')
    },
    async bare(_, calls) {
      hashed(calls)
      await crypto.subtle.verify('Ed25519', ed25519.publicKey, signature, entry)
    },
  })
}

async function codes() {
  const { createPrivacy, pilviPolicy: policy } = lib
  const clock = lib.fixedEnvironment({ at: '2026-11-23T10:00:00.000Z' })
  const { mfa } = createPrivacy({
    policy,
    store: lib.memoryStore(),
    keys: provider,
    tenant: 'bench',
    environment: clock,
  })
  const { secret } = await mfa.enrol('person-1', { label: 'person-1' })
  const key = { secret, algorithm: 'sha1', digits: 6 }
  const present = () => lib.codeAt(key, lib.stepAt(clock.now()))
  await mfa.confirm('person-1', present())
  const [epoch, token] = [Math.floor(Date.parse(clock.now()) / 1_000), present()]
  await row('TOTP: verify of a right code, a step either side, against otplib', {
    calls: values.quick ? 50 : 300,
    ours: repeated(async () => {
      clock.advance(30_000)
      const { outcome } = await mfa.verify('person-1', present())
      if (outcome !== 'accepted') throw new Error(`a right code is ${outcome}`)
    }),
    bare: repeated(() => {
      if (!verifySync({ secret, token, epoch, epochTolerance: 30 }).valid) throw new Error('not valid')
    }),
  })
}

await sealing()
await signing()
await ledgers()
await codes()
