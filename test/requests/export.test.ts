import { parsePolicy } from '@pilvi/privacy'
import { memoryBacking, memoryStore } from '@pilvi/privacy/memory'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import { describe, expect, it } from 'vitest'
import { digest } from '../../src/keys/digest.ts'
import { codeAt, stepAt } from '../../src/mfa/codes.ts'
import { manifestType } from '../../src/requests/files.ts'
import { dump, holding } from './raw.ts'
import { attested, canary, scene } from './scene.ts'
import { unzip } from './zip.ts'

type Scene = ReturnType<typeof scene>

async function exported({ privacy, confirmed }: Scene, language: 'en' | 'fi' = 'en') {
  const id = await confirmed('export')
  const plan = await privacy.requests.plan(id)
  const report = await privacy.requests.fulfil(id, { plan: plan.digest })
  const token = report.token ?? ''
  const read = async () =>
    new Uint8Array(await new Response(await privacy.requests.redeem(token, { language })).arrayBuffer())
  return { id, report, token, read }
}

const textOf = (files: Map<string, Uint8Array>, name: string): string =>
  new TextDecoder().decode(files.get(name))

describe('an export', () => {
  it('holds everything about the person, and nothing about anybody else', async () => {
    const made = scene()
    await made.populate('customer-2')
    await made.populate()
    const { read } = await exported(made)
    const files = unzip(await read())
    expect([...files.keys()]).toEqual([
      'index.html',
      'data/register.json',
      'data/corrections.json',
      'data/consents.json',
      'data/disclosures.json',
      'data/links.json',
      'data/notices.json',
      'data/visits.json',
      'data/factors.json',
      'data/requests.json',
      'manifest.json',
      'manifest.jws',
    ])
    const html = textOf(files, 'index.html')
    const all = [...files.keys()].map((name) => textOf(files, name)).join('\n')
    for (const value of Object.values(canary)) expect([value, all.includes(value)]).toEqual([value, true])
    const { purposes, recipients } = pilviPolicy
    const words = [purposes.telemarketing.label.en, recipients['hosting-provider'].name.en]
    for (const value of [canary.contactPerson, canary.iban, canary.ip, ...words]) {
      expect([value, html.includes(value)]).toEqual([value, true])
    }
    expect(all).not.toContain('session-of-another')
    expect(all).not.toContain('customer-2')
    const [customer] = JSON.parse(textOf(files, 'data/register.json'))
    expect(customer.about).toMatchObject({
      email: { category: 'contact', origin: 'customer', recordedAt: '2026-11-23T10:00:00.000Z' },
      paymentDetails: { category: 'payment' },
    })
    expect(JSON.parse(textOf(files, 'data/corrections.json'))[0].values.email).toEqual({
      from: 'old@example.com',
      to: canary.email,
    })
  })

  it('carries a signed manifest whose digests are those of the files', async () => {
    const made = scene()
    await made.populate()
    const { id, read } = await exported(made)
    const files = unzip(await read())
    const manifest = JSON.parse(textOf(files, 'manifest.json'))
    expect(manifest.request).toBe(id)
    expect(await made.privacy.keys.verify(textOf(files, 'manifest.jws'), manifestType)).toEqual(manifest)
    for (const { name, bytes, sha256 } of manifest.files) {
      const file = files.get(name) ?? new Uint8Array()
      expect({ name, bytes: file.length, sha256: digest(file) }).toEqual({ name, bytes, sha256 })
    }
    expect(manifest.files).toHaveLength(files.size - 2)
  })

  it('is in Finnish where that is asked for, and says where nothing is held', async () => {
    const { read } = await exported(scene(), 'fi')
    const html = textOf(unzip(await read()), 'index.html')
    expect(html).toContain('<html lang="fi">')
    expect(html).toContain('Täällä ei ole tietoja.')
    expect(html).toContain('Tietosuojavaltuutetun')
  })

  it('HTML, paths and scripts in every field are inert', async () => {
    const made = scene()
    const nasty = '"><script>alert(1)</script><img src=x onerror=y>{controller}'
    await made.privacy.register.save({
      group: 'customer',
      subject: 'customer-1',
      origin: 'customer',
      fields: {
        contactPerson: nasty,
        email: 'a@example.com',
        companyName: '../../../etc/passwd',
        phone: '+358 40 1234567',
        vatId: 'FI20774740',
        paymentAddress: { street: nasty, postalCode: nasty.slice(0, 20), city: nasty, country: 'FI' },
      },
    })
    const { read } = await exported(made)
    const files = unzip(await read())
    const html = textOf(files, 'index.html')
    expect(html).not.toMatch(/<script|<img|onerror=y>/)
    expect(html).toContain('default-src &#39;none&#39;'.replaceAll('&#39;', "'"))
    expect([...files.keys()].every((name) => /^(data\/)?[a-z]+\.(html|json|jws)$/.test(name))).toBe(true)
    expect(JSON.parse(textOf(files, 'data/register.json'))[0].values.contactPerson).toBe(nasty)
  })

  it('a value that looks like a moment no calendar has is shown as it is', async () => {
    const made = scene()
    const fields = {
      contactPerson: '2026-13-99T99:99Z',
      email: 'a@example.com',
      companyName: 'x',
      vatId: 'FI20774740',
    }
    await made.privacy.register.save({ group: 'customer', subject: 'customer-1', origin: 'customer', fields })
    const { read } = await exported(made)
    expect(textOf(unzip(await read()), 'index.html')).toContain('2026-13-99T99:99Z')
  })

  it('after an erasure there is nothing to export but what the report says was kept', async () => {
    const made = scene()
    await made.populate()
    const { report: erasure } = await made.erased()
    made.environment.advance(1)
    const { id, report, read } = await exported(made)
    const files = unzip(await read())
    const kept = new Set(erasure.kept.map(({ source }) => source))
    for (const { source, rows } of report.sources)
      expect([source, rows > 0]).toEqual([source, kept.has(source)])
    const all = [...files.keys()].map((name) => textOf(files, name)).join('\n')
    for (const value of [canary.contactPerson, canary.email, canary.phone, canary.ip, canary.domainName]) {
      expect([value, all.includes(value)]).toEqual([value, false])
    }
    // The export itself is a request of the person, and is in it.
    expect(JSON.parse(textOf(files, 'data/requests.json'))).toMatchObject([{ values: { kind: 'export' } }])
    expect(id).toBeDefined()
  })

  it('in a language the policy has no texts in is refused before the token is touched', async () => {
    const { languages: _, ...rest } = attested
    const made = scene({ policy: parsePolicy({ ...rest, languages: ['en'] }) as typeof pilviPolicy })
    await made.populate()
    const { id, token, read } = await exported(made)
    await expect(made.privacy.requests.redeem(token, { language: 'fi' })).rejects.toMatchObject({
      code: 'policy.untranslated',
    })
    await expect(made.privacy.requests.redeem(token, { language: 'sv' as never })).rejects.toMatchObject({
      code: 'input.invalid',
    })
    expect((await made.privacy.requests.find(id))?.export?.claim).toBeUndefined()
    expect((await read()).length).toBeGreaterThan(1000)
  })
})

async function drained(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  for (;;) if ((await reader.read()).done) return
}

describe('the token of an export', () => {
  it('a token works once: spent when the last byte was read', async () => {
    const made = scene()
    await made.populate()
    const { id, token, read } = await exported(made)
    const cut = await made.privacy.requests.redeem(token)
    await cut.cancel()
    expect((await made.privacy.requests.find(id))?.export?.spentAt).toBeUndefined()
    expect((await read()).length).toBeGreaterThan(1000)
    await expect(made.privacy.requests.redeem(token)).rejects.toMatchObject({ code: 'proof.rejected' })
  })

  it('parallel redemption: of many at once one reads, and the others are told nothing', async () => {
    const made = scene()
    await made.populate()
    const { id, token } = await exported(made)
    const tries = await Promise.allSettled(
      Array.from({ length: 20 }, async () => new Response(await made.privacy.requests.redeem(token)).text()),
    )
    const lost = tries.flatMap((each) => (each.status === 'rejected' ? [each.reason.code] : []))
    expect(lost).toEqual(Array.from({ length: 19 }, () => 'proof.rejected'))
    expect((await made.privacy.requests.find(id))?.export).toMatchObject({ spentAt: expect.any(String) })
  })

  it('a download that breaks off gives the token back, at once or when its claim lapses', async () => {
    const made = scene()
    await made.populate()
    const { token, read } = await exported(made)
    const first = (await made.privacy.requests.redeem(token)).getReader()
    await first.read()
    await expect(made.privacy.requests.redeem(token)).rejects.toMatchObject({ code: 'proof.rejected' })
    made.environment.advance(5 * 60_000)
    const second = await made.privacy.requests.redeem(token)
    // Whoever lost the claim reads no further.
    await expect(drained(first)).rejects.toMatchObject({ code: 'proof.rejected' })
    await second.cancel()
    expect((await read()).length).toBeGreaterThan(1000)
  })

  it('a slow download holds its claim while it reads', async () => {
    const made = scene()
    await made.populate()
    const { token } = await exported(made)
    const reader = (await made.privacy.requests.redeem(token)).getReader()
    for (let done = false; !done; ) {
      made.environment.advance(4 * 60_000)
      await expect(made.privacy.requests.redeem(token)).rejects.toMatchObject({ code: 'proof.rejected' })
      done = (await reader.read()).done
    }
  })

  it('a token expires after a week', async () => {
    const made = scene()
    const { token } = await exported(made)
    made.environment.advance(7 * 24 * 3_600_000 - 1)
    await (await made.privacy.requests.redeem(token)).cancel()
    made.environment.advance(1)
    await expect(made.privacy.requests.redeem(token)).rejects.toMatchObject({ code: 'proof.rejected' })
  })

  it('a guessed, altered or foreign token opens nothing, and all are refused alike', async () => {
    const made = scene()
    const { id, token } = await exported(made)
    const other = made.privacy.tenant('customer-1')
    const altered = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`
    const tries = [
      '',
      '.',
      id,
      `${id}.`,
      `${id}.undefined`,
      altered,
      `../${token}`,
      token.replace('.', ''),
      {} as never,
    ]
    const says = new Set<string>()
    for (const each of tries) {
      await made.privacy.requests
        .redeem(each)
        .catch((error: Error) => says.add(`${error.name} ${error.message}`))
    }
    await other.requests.redeem(token).catch((error: Error) => says.add(`${error.name} ${error.message}`))
    expect([...says]).toEqual(['NotAuthorised this token opens nothing'])
  })

  it('a token is never stored, and an erasure takes it back', async () => {
    const backing = memoryBacking()
    const made = scene({ store: memoryStore({ backing }) })
    await made.populate()
    const { token } = await exported(made)
    expect(holding(dump(backing), token.split('.')[1] ?? '')).toEqual([])
    await made.erased()
    await expect(made.privacy.requests.redeem(token)).rejects.toMatchObject({
      code: 'proof.rejected',
    })
  })

  it('is not shown a second time', async () => {
    const made = scene()
    const { id, report } = await exported(made)
    const plan = (await made.privacy.requests.find(id))?.plan?.digest ?? ''
    const { token: _, ...rest } = report
    expect(await made.privacy.requests.fulfil(id, { plan })).toEqual(rest)
  })
})

describe('the proof of a request', () => {
  async function enrolled() {
    const made = scene()
    const { secret } = await made.privacy.mfa.enrol('customer-1', { label: 'x' })
    const code = () => codeAt({ secret, algorithm: 'sha1', digits: 6 }, stepAt(made.environment.now()))
    await made.privacy.mfa.confirm('customer-1', code())
    made.environment.advance(60_000)
    const { id } = await made.privacy.requests.open({
      subject: 'customer-1',
      kind: 'export',
      receivedBy: 'console',
    })
    return { ...made, id, code }
  }

  it('by a second factor of the person, for this very request', async () => {
    const { privacy, id, code } = await enrolled()
    const asked = await privacy.mfa.require({ subject: 'customer-1', action: 'export', request: id })
    const challenge = asked.outcome === 'challenge' ? asked.challenge.id : ''
    const answered = await privacy.mfa.verify('customer-1', { challenge, code: code() })
    const proof = answered.outcome === 'accepted' ? (answered.proof ?? '') : ''
    expect(await privacy.requests.confirm(id, { by: 'step-up', proof })).toMatchObject({
      state: 'confirmed',
      confirmed: { by: 'step-up' },
    })
  })

  it('confirmation is a state, never a parameter: a request cannot be opened confirmed', async () => {
    const { privacy } = scene()
    const input = { subject: 's', kind: 'erasure', receivedBy: 'email', state: 'confirmed' }
    await expect(privacy.requests.open(input as never)).rejects.toMatchObject({ code: 'input.invalid' })
    await expect(
      privacy.requests.confirm('no-such-request', { by: 'step-up', proof: '1' }),
    ).rejects.toMatchObject({
      code: 'record.missing',
    })
    for (const proof of [{}, { by: 'trust-me' }, { by: 'operator', operator: 'x', check: 'none' }, null]) {
      await expect(privacy.requests.confirm('x', proof as never)).rejects.toMatchObject({
        code: 'input.invalid',
      })
    }
  })

  it('lists requests by state, in order of receipt', async () => {
    const { privacy, environment } = scene()
    const late = await privacy.requests.open({ subject: 'a', kind: 'export', receivedBy: 'email' })
    const receivedAt = '2026-11-01T10:00:00.000Z'
    const early = await privacy.requests.open({
      subject: 'b',
      kind: 'export',
      receivedBy: 'letter',
      receivedAt,
      operator: 'o',
    })
    const ids: string[] = []
    for await (const { id } of privacy.requests.list({ state: 'opened' })) ids.push(id)
    expect(ids).toEqual([early.id, late.id])
    expect(early.due).toBe('2026-12-01')
    expect(environment.now() > receivedAt).toBe(true)
    expect(await privacy.requests.find('nothing')).toBeNull()
  })
})
