import { InvalidInput, NotAuthorised, type Policy } from '@pilvi/privacy'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isOneClick } from '../../src/consent/unsubscribe.ts'
import { collect, customer, pilvi, scene } from './scene.ts'

const subject = 'person-1'
const url = 'https://pilvi.com/leave'
const wanted = { subject, purpose: 'telemarketing', url } as const
const click = {
  method: 'POST',
  contentType: 'application/x-www-form-urlencoded',
  body: 'List-Unsubscribe=One-Click',
}
const form = '--b1\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b1--\r\n'

describe('an unsubscribe link', () => {
  it('is two header fields (RFC 2369, RFC 8058) and an address that keeps its own query', async () => {
    const { privacy } = pilvi()
    const link = await privacy.consent.unsubscribeLink({ ...wanted, url: `${url}?l=fi` })
    expect(link.url).toBe(`${url}?l=fi&token=${link.token}`)
    expect(link.headers).toEqual({
      'List-Unsubscribe': `<${link.url}>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    })
    expect(link.token).toMatch(/^[A-Za-z0-9_-]+$/)
  })

  it('names nobody readably: neither the token nor any decoding of it holds the person or the purpose', async () => {
    const { privacy } = pilvi()
    const { token } = await privacy.consent.unsubscribeLink(wanted)
    const bytes = Buffer.from(token, 'base64url').toString('latin1')
    for (const text of [subject, 'telemarketing', 'pilvi']) expect(`${token} ${bytes}`).not.toContain(text)
  })

  it('is the same each time, stores nothing of the person, and works from another process, years later', async () => {
    const { privacy, backing, environment } = pilvi()
    const { token } = await privacy.consent.unsubscribeLink(wanted)
    expect((await privacy.consent.unsubscribeLink(wanted)).token).toBe(token)
    expect([...(backing.records.get('standings')?.rows.keys() ?? [])]).toEqual([])
    environment.set('2036-11-23T10:00:00.000Z')
    const other = pilvi({ over: backing, seed: 9 })
    other.environment.set('2036-11-23T10:00:00.000Z')
    expect(await other.privacy.consent.unsubscribe({ ...click, token })).toEqual({
      outcome: 'done',
      purpose: 'telemarketing',
    })
  })

  it('is another one for each person and purpose', async () => {
    const { privacy } = pilvi()
    const tokens = await Promise.all(
      ['a', 'b'].flatMap((each) =>
        (['telemarketing', 'market-research'] as const).map((purpose) =>
          privacy.consent.unsubscribeLink({ subject: each, purpose, url }),
        ),
      ),
    )
    expect(new Set(tokens.map(({ token }) => token)).size).toBe(4)
  })

  it('is refused for a purpose that nobody can leave', async () => {
    const { privacy } = pilvi()
    const refused = expect.objectContaining({ code: 'input.not-in-policy', path: 'link.purpose' })
    await expect(privacy.consent.unsubscribeLink({ ...wanted, purpose: 'delivery' })).rejects.toEqual(refused)
    await expect(
      privacy.consent.unsubscribeLink({ ...wanted, purpose: 'toString' as never }),
    ).rejects.toEqual(refused)
  })

  it.each([
    ['a line feed', 'https://pilvi.com/x\r\nBcc: all@example.com'],
    ['a tab', 'https://pilvi.com/\tx'],
    ['the end of the address', 'https://pilvi.com/x>, <https://evil.example'],
    ['a quote', 'https://pilvi.com/x"'],
    ['a backslash', 'https:\\pilvi.com'],
    ['a line separator', 'https://pilvi.com/x\u2028y'],
    ['no address', 'https://'],
    ['plain http', 'http://pilvi.com/x'],
    ['another scheme', 'javascript:alert(1)'],
    ['credentials', 'https://user:pass@pilvi.com/x'],
    ['a fragment', 'https://pilvi.com/x#y'],
    ['a token of its own', 'https://pilvi.com/x?token=1'],
  ])('header injection in the address: %s is refused', async (_, bad) => {
    const { privacy } = pilvi()
    await expect(privacy.consent.unsubscribeLink({ ...wanted, url: bad })).rejects.toThrow(
      expect.objectContaining({ code: 'input.invalid', path: 'link.url' }),
    )
  })

  it('any address that is taken gives one header line of at most 998 characters', async () => {
    const { privacy } = pilvi()
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.webUrl({ withQueryParameters: true }),
          fc.string().map((s) => `https://a.fi/${s}`),
        ),
        async (each) => {
          const link = await privacy.consent.unsubscribeLink({ ...wanted, url: each }).catch((error) => error)
          if (link instanceof InvalidInput) return
          expect(link.headers['List-Unsubscribe']).toMatch(/^<https:\/\/[!-;=?-~]+>$/)
          expect(link.headers['List-Unsubscribe'].length).toBeLessThanOrEqual(998)
        },
      ),
      { numRuns: 200 },
    )
    await expect(
      privacy.consent.unsubscribeLink({ ...wanted, url: `${url}/${'x'.repeat(960)}` }),
    ).rejects.toThrow(expect.objectContaining({ code: 'input.too-large' }))
  })
})

describe('the one click', () => {
  it.each<[acts: boolean, name: string, request: Omit<Parameters<typeof isOneClick>[0], 'token'>]>([
    [true, 'form-encoded', click],
    [
      true,
      'form-encoded with a character set',
      { ...click, contentType: 'Application/X-WWW-form-urlencoded; charset=utf-8' },
    ],
    [true, 'with a line end', { ...click, body: `${click.body}\r\n` }],
    [true, 'without a content type', { method: 'POST', body: click.body }],
    [true, 'multipart', { ...click, contentType: 'multipart/form-data; boundary=b1', body: form }],
    [
      true,
      'multipart, quoted boundary',
      { ...click, contentType: 'multipart/form-data; boundary="b1"', body: form },
    ],
    [
      true,
      'multipart with bare line feeds',
      { ...click, contentType: 'multipart/form-data; boundary=b1', body: form.replaceAll('\r\n', '\n') },
    ],
    [false, 'a link scanner’s GET', { method: 'GET' }],
    [false, 'a GET with the body', { ...click, method: 'GET' }],
    [false, 'HEAD', { ...click, method: 'HEAD' }],
    [false, 'OPTIONS', { ...click, method: 'OPTIONS' }],
    [false, 'PUT', { ...click, method: 'PUT' }],
    [false, 'a method in small letters', { ...click, method: 'post' }],
    [false, 'no body', { method: 'POST' }],
    [false, 'another value', { ...click, body: 'List-Unsubscribe=one-click' }],
    [false, 'another name', { ...click, body: 'list-unsubscribe=One-Click' }],
    [false, 'twice', { ...click, body: `${click.body}&${click.body}` }],
    [false, 'something beside it', { ...click, body: `${click.body}&a=b` }],
    [false, 'JSON', { ...click, contentType: 'application/json', body: '{"List-Unsubscribe":"One-Click"}' }],
    [false, 'text', { ...click, contentType: 'text/plain' }],
    [false, 'multipart without a boundary', { ...click, contentType: 'multipart/form-data', body: form }],
    [
      false,
      'multipart of another boundary',
      { ...click, contentType: 'multipart/form-data; boundary=b2', body: form },
    ],
    [
      false,
      'multipart that was cut off',
      { ...click, contentType: 'multipart/form-data; boundary=b1', body: form.slice(0, -8) },
    ],
    [
      false,
      'multipart of another field',
      { ...click, contentType: 'multipart/form-data; boundary=b1', body: form.replace('List-', 'list-') },
    ],
    [
      false,
      'multipart of no field',
      { ...click, contentType: 'multipart/form-data; boundary=b1', body: '--b1\r\n\r\nOne-Click\r\n--b1--' },
    ],
  ])('%s: %s', (acts, _, request) => {
    expect(isOneClick({ ...request, token: '' })).toBe(acts)
  })

  it('unsubscribe by a link scanner: a GET changes nothing', async () => {
    const { privacy, calls } = pilvi()
    const { token } = await privacy.consent.unsubscribeLink(wanted)
    const before = calls.length
    expect(await privacy.consent.unsubscribe({ method: 'GET', token })).toEqual({
      outcome: 'confirm',
      purpose: 'telemarketing',
    })
    expect(calls.slice(before)).toEqual([])
    expect(await collect(privacy.consent.list(subject))).toEqual([])
  })

  it('is a denial that is obeyed at once', async () => {
    const { privacy } = pilvi()
    const { token } = await privacy.consent.unsubscribeLink(wanted)
    await privacy.consent.unsubscribe({ ...click, token })
    const may = await privacy.consent.decide({ subject, purpose: 'telemarketing', channel: 'phone' })
    expect(may.because[0].rule).toBe('consent.denied')
  })

  it('replayed token: the same twice, or thirty times at once, is one denial', async () => {
    const { privacy } = pilvi()
    const { token } = await privacy.consent.unsubscribeLink(wanted)
    await Promise.all(Array.from({ length: 30 }, () => privacy.consent.unsubscribe({ ...click, token })))
    await privacy.consent.unsubscribe({ ...click, token })
    expect(await collect(privacy.consent.list(subject))).toEqual([
      expect.objectContaining({ kind: 'denied', by: 'link', purpose: 'telemarketing' }),
    ])
  })

  it('denies anew after a later consent, and outlasts a denial that would have ended', async () => {
    const { privacy } = pilvi()
    const about = { subject, purpose: 'telemarketing', by: 'link' } as const
    const { token } = await privacy.consent.unsubscribeLink(wanted)
    await privacy.consent.deny({ ...about, expiresAt: '2027-01-01T00:00:00.000Z' })
    await privacy.consent.unsubscribe({ ...click, token })
    await privacy.consent.give(about)
    await privacy.consent.unsubscribe({ ...click, token })
    const kinds = (await collect(privacy.consent.list(subject))).map(({ kind }) => kind)
    expect(kinds).toEqual(['denied', 'denied', 'given', 'denied'])
  })

  it('withdraws consent where the purpose rests on it and cannot be denied', async () => {
    const newsletter = {
      ...pilviPolicy.purposes.development,
      legalBasis: 'consent',
      consentBy: 'opt-in',
    } as const
    const { interest: _, ...rest } = newsletter
    const policy: Policy = { ...pilviPolicy, purposes: { ...pilviPolicy.purposes, newsletter: rest } }
    const { privacy } = scene(policy)
    await privacy.consent.give({ subject, purpose: 'newsletter', by: 'link' })
    const { token } = await privacy.consent.unsubscribeLink({ subject, purpose: 'newsletter', url })
    await privacy.consent.unsubscribe({ ...click, token })
    await privacy.consent.unsubscribe({ ...click, token })
    const kinds = (await collect(privacy.consent.list(subject))).map(({ kind }) => kind)
    expect(kinds).toEqual(['given', 'withdrawn'])
    expect((await privacy.consent.decide({ subject, purpose: 'newsletter' })).outcome).toBe('deny')
  })

  it('of an erased person it is done, tells nothing, and nothing is recorded', async () => {
    const { privacy, erase, backing } = pilvi()
    const { token } = await privacy.consent.unsubscribeLink({ ...wanted, subject: customer.subject })
    await privacy.register.save(customer)
    await erase(customer.subject)
    const before = JSON.stringify([...(backing.records.get('standings')?.rows ?? [])])
    expect(await privacy.consent.unsubscribe({ ...click, token })).toEqual({
      outcome: 'done',
      purpose: 'telemarketing',
    })
    expect(JSON.stringify([...(backing.records.get('standings')?.rows ?? [])])).toBe(before)
  })

  it('of a purpose that the policy has lost it fails loudly: nobody is told that it is done', async () => {
    const { privacy, backing } = pilvi()
    const { token } = await privacy.consent.unsubscribeLink(wanted)
    const { telemarketing: _, ...purposes } = pilviPolicy.purposes
    const other = scene<Policy>({ ...pilviPolicy, purposes }, { over: backing })
    await expect(other.privacy.consent.unsubscribe({ ...click, token })).rejects.toThrow(
      expect.objectContaining({ code: 'input.not-in-policy' }),
    )
  })
})

describe('tokens that are not the link’s', () => {
  const rejected = expect.objectContaining({
    name: 'NotAuthorised',
    code: 'proof.rejected',
    path: 'request.token',
  })

  it('forged token: any change of any character is refused', async () => {
    const { privacy } = pilvi()
    const { token } = await privacy.consent.unsubscribeLink(wanted)
    for (let i = 0; i < token.length; i++) {
      const changed = token.slice(0, i) + (token[i] === 'A' ? 'B' : 'A') + token.slice(i + 1)
      await expect(privacy.consent.unsubscribe({ ...click, token: changed })).rejects.toThrow(rejected)
    }
    for (const text of ['', 'x', '=', `${token}A`, token.slice(1), `${token}.${token}`, 'A'.repeat(3_000)]) {
      await expect(privacy.consent.unsubscribe({ ...click, token: text })).rejects.toBeInstanceOf(
        NotAuthorised,
      )
    }
    expect(await collect(privacy.consent.list(subject))).toEqual([])
  })

  it('token of one purpose used for another: it denies its own and nothing else', async () => {
    const { privacy } = pilvi()
    const { token } = await privacy.consent.unsubscribeLink({ ...wanted, purpose: 'market-research' })
    await privacy.consent.unsubscribe({ ...click, token })
    const ask = { subject, channel: 'phone' } as const
    expect((await privacy.consent.decide({ ...ask, purpose: 'telemarketing' })).outcome).toBe('permit')
    expect((await privacy.consent.decide({ ...ask, purpose: 'market-research' })).outcome).toBe('deny')
  })

  it('token of another tenant, or of another installation, is refused', async () => {
    const { privacy } = pilvi()
    const { token } = await privacy.consent.unsubscribeLink(wanted)
    const shop = privacy.tenant('shop')
    await expect(shop.consent.unsubscribe({ ...click, token })).rejects.toThrow(rejected)
    expect((await shop.consent.unsubscribeLink(wanted)).token).not.toBe(token)
    await expect(pilvi({ seed: 2 }).privacy.consent.unsubscribe({ ...click, token })).rejects.toThrow(
      rejected,
    )
  })

  it('token of another use, a signed statement or a sealed value, is refused', async () => {
    const { privacy } = pilvi()
    const where = { subject, category: 'contact', model: 'm', field: 'f', record: 'r' }
    const sealed = await privacy.keys.seal(JSON.stringify([subject, 'telemarketing']), where)
    for (const token of [sealed, sealed.split('.').slice(2).join(''), sealed.split('.')[3] ?? '']) {
      await expect(privacy.consent.unsubscribe({ ...click, token })).rejects.toThrow(rejected)
    }
  })
})
