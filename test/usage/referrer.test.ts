import { describe, expect, it } from 'vitest'
import { InvalidInput } from '../../src/errors.ts'
import { isSource, registrableDomain, sitesOf, sourceOf } from '../../src/usage/referrer.ts'

describe('the source of a visit', () => {
  it.each([
    [null, 'direct'],
    ['', 'direct'],
    ['-', 'direct'],
    ['https://www.example.org/a/b?c=d#e', 'example.org'],
    ['http://example.org', 'example.org'],
    ['HTTPS://WWW.EXAMPLE.ORG/', 'example.org'],
    ['https://www.example.org:8443/', 'example.org'],
    ['https://example.org./', 'example.org'],
    ['https://user:secret@www.example.org/', 'example.org'],
    ['https://www.example.co.uk/', 'example.co.uk'],
    ['https://somebody.github.io/', 'github.io'],
    ['https://xn--bcher-kva.example.org/', 'example.org'],
    ['https://example.org?x', 'example.org'],
    ['https://example.org\\@evil.example.net/', 'example.org'],
    // The service itself.
    ['https://pilvi.example.com/x', 'internal'],
    ['https://www.pilvi.example.com/x', 'internal'],
    ['https://notpilvi.example.com/x', 'example.com'],
    // What must not be named.
    ['https://192.0.2.7/', 'unknown'],
    ['https://192.0.2.7:8080/x', 'unknown'],
    ['https://[2001:db8::7]/', 'unknown'],
    ['https://3221225991/', 'unknown'],
    ['https://0xC0000207/', 'unknown'],
    ['https://intranet/wiki', 'unknown'],
    ['https://printer.local/', 'unknown'],
    ['https://host.corp.internal/', 'unknown'],
    ['https://7.2.0.192.in-addr.arpa/', 'unknown'],
    ['https://abcdefghijklmnop.onion/', 'unknown'],
    ['https://host.example/', 'unknown'],
    ['https://co.uk/', 'unknown'],
    ['https://bücher.example.org/', 'unknown'],
    ['https://a..example.org/', 'unknown'],
    ['https://-x.example.org/', 'unknown'],
    [`https://${'a'.repeat(64)}.org/`, 'unknown'],
    ['https:///path', 'unknown'],
    ['android-app://com.example.app/', 'unknown'],
    ['javascript:alert(1)', 'unknown'],
    ['www.example.org', 'unknown'],
    ['https://example.org<script>/', 'unknown'],
    ['%68ttps://example.org', 'unknown'],
  ])('%j is %s', (referrer, source) => {
    expect(sourceOf(referrer, ['pilvi.example.com'])).toBe(source)
  })

  it('may be published only as one of three words or a registrable domain', () => {
    for (const source of ['direct', 'internal', 'unknown', 'example.org']) expect(isSource(source)).toBe(true)
    for (const text of [
      '',
      'www.example.org',
      'EXAMPLE.org',
      '192.0.2.1',
      'localhost',
      'Direct',
      'example.org.',
    ]) {
      expect(isSource(text)).toBe(false)
    }
  })

  it('costs linear time on a long host', () => {
    const started = performance.now()
    for (let i = 0; i < 20; i++) expect(registrableDomain('a-'.repeat(32_000))).toBeNull()
    expect(performance.now() - started).toBeLessThan(1_000)
  })
})

describe('the sites of a service', () => {
  it('are compared in lower case and without a final dot', () => {
    expect(sitesOf(['WWW.Example.com.', 'localhost'])).toEqual(['www.example.com', 'localhost'])
  })

  it.each(['', 'https://example.com', 'example.com/', 'a b', '.example.com'])(
    'must be host names: %j',
    (site) => {
      expect(() => sitesOf(['example.com', site])).toThrow(expect.objectContaining({ path: 'sites[1]' }))
      expect(() => sitesOf([site])).toThrow(InvalidInput)
    },
  )

  it.each([
    ['a text', 'example.com', 'sites'],
    ['nothing', null, 'sites'],
    ['a list with nothing in it', [null], 'sites[0]'],
  ])('are refused where they are %s', (_, sites, path) => {
    expect(() => sitesOf(sites as never)).toThrow(expect.objectContaining({ code: 'input.invalid', path }))
  })
})
