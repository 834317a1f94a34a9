/** How a secret reaches an app: the URI as another implementation reads it, and the QR code. */

import fc from 'fast-check'
import { HOTP, Secret, TOTP, URI } from 'otpauth'
import { encode } from 'uqr'
import { describe, expect, it } from 'vitest'
import type { CodeKey } from '../../src/mfa/codes.ts'
import { otpauthUri, qrSvg } from '../../src/mfa/otpauth.ts'
import { crockford, toBase32 } from '../../src/mfa/spelling.ts'

const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
const key: CodeKey = { secret, algorithm: 'sha1', digits: 6 }
const of = { key, factor: 'totp' } as const

describe('the otpauth URI', () => {
  it('is what apps read', () => {
    expect(otpauthUri({ ...of, issuer: 'Pilvi Cloud Company Oy', label: 'person+1@example.com' })).toBe(
      'otpauth://totp/Pilvi%20Cloud%20Company%20Oy:person%2B1%40example.com' +
        `?secret=${secret}&issuer=Pilvi%20Cloud%20Company%20Oy`,
    )
  })

  it('says the same to an independent reader, whatever the names', () => {
    const name = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
      .filter((text) => !/[:\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(text) && text.trim() === text)
    fc.assert(
      fc.property(name, name, (issuer, label) => {
        const uri = otpauthUri({ ...of, issuer, label })
        // RFC 3986: nothing but unreserved characters, escapes, and what parts the URI.
        expect(uri).toMatch(/^otpauth:\/\/totp\/[\w.~!*'()%-]+:[\w.~!*'()%-]+\?[\w.~!*'()%=&-]+$/)
        const read = URI.parse(uri) as TOTP
        expect([read.issuer, read.label, read.secret.base32]).toEqual([issuer, label, secret])
        expect([read.algorithm, read.digits, read.period]).toEqual(['SHA1', 6, 30])
      }),
    )
  })

  it.each([
    ['a colon, which parts issuer and account', 'Bank: someone'],
    ['a line break', 'a\nb'],
    ['a tab', 'a\tb'],
    ['NUL', 'a\0'],
    ['a line separator', 'a\u2028b'],
    ['a paragraph separator', 'a\u2029b'],
    ['a mark that turns the direction of reading', 'oc.elpmaxe\u202e'],
    ['an isolate of the direction of reading', 'a\u2066b'],
    ['a lone surrogate', 'a\ud800'],
    ['nothing', ''],
    ['201 characters', 'x'.repeat(201)],
    ['a number', 7],
    ['nothing at all', undefined],
  ])('label injection: %s is refused in both names', (_, name) => {
    for (const path of ['issuer', 'label'] as const) {
      const named = { ...of, issuer: 'Pilvi', label: 'person', [path]: name as string }
      expect(() => otpauthUri(named)).toThrow(
        expect.objectContaining({ name: 'InvalidInput', code: 'input.invalid', path }),
      )
    }
  })

  it('label injection: what would be a parameter or another path stays part of the name', () => {
    const label = 'a&secret=AAAA#?issuer=Bank/%3ABank'
    const read = URI.parse(otpauthUri({ ...of, issuer: 'Pilvi', label })) as TOTP
    expect([read.issuer, read.secret.base32]).toEqual(['Pilvi', secret])
  })

  it.each([
    ['totp', 'sha256', 8],
    ['totp', 'sha512', 6],
    ['hotp', 'sha1', 6],
    ['hotp', 'sha512', 8],
  ] as const)('says of what is not usual what it is: %s, %s, %d digits', (factor, algorithm, digits) => {
    const read = URI.parse(
      otpauthUri({ key: { secret, algorithm, digits }, factor, issuer: 'P', label: 'x' }),
    )
    expect(read).toBeInstanceOf(factor === 'totp' ? TOTP : HOTP)
    expect([read.algorithm, read.digits]).toEqual([algorithm.toUpperCase(), digits])
    if (read instanceof HOTP) expect(read.counter).toBe(0)
    else expect(read.period).toBe(30)
  })
})

describe('the QR code', () => {
  const svg = qrSvg(otpauthUri({ ...of, issuer: 'P', label: 'x' }), 'en')

  it('has the modules of the text, dark for dark', () => {
    const { size, data } = encode(otpauthUri({ ...of, issuer: 'P', label: 'x' }), { ecc: 'M', border: 4 })
    expect(svg).toContain(`viewBox="0 0 ${size} ${size}"`)
    const dark = [...svg.matchAll(/M(\d+) (\d+)h1v1h-1z/g)].map(([, x, y]) => `${x} ${y}`)
    const expected = data.flatMap((row, y) => row.flatMap((each, x) => (each ? [`${x} ${y}`] : [])))
    expect(dark).toEqual(expected)
    expect(expected.length).toBeGreaterThan(300)
  })

  it('tells people who cannot see it what it is, in their language', () => {
    expect(svg).toMatch(/^<svg [^>]*role="img" lang="en" aria-label="QR code for an authenticator app"/)
    expect(qrSvg('x', 'fi')).toContain('lang="fi" aria-label="QR-koodi todennussovellusta varten"')
  })

  it('label injection: no text reaches it, and it holds no script, style, link or handler', () => {
    const other = qrSvg('"><script>alert(1)</script>', 'en')
    for (const each of [svg, other]) {
      expect(each).toMatch(
        /^<svg( [\w:-]+="[^"<>]*")+><rect( [\w-]+="[^"<>]*")+\/><path fill="#000" d="[M\d hvz-]+"\/><\/svg>$/,
      )
      expect(each).not.toMatch(/script|style|href|\son/i)
    }
  })
})

describe('base32 (RFC 4648 §10, without padding)', () => {
  it.each([
    ['', ''],
    ['f', 'MY'],
    ['fo', 'MZXQ'],
    ['foo', 'MZXW6'],
    ['foob', 'MZXW6YQ'],
    ['fooba', 'MZXW6YTB'],
    ['foobar', 'MZXW6YTBOI'],
  ])('%j is %s', (text, expected) => {
    expect(toBase32(new TextEncoder().encode(text))).toBe(expected)
  })

  it('is that of an independent implementation', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (bytes) => {
        expect(toBase32(bytes)).toBe(new Secret({ buffer: bytes.slice().buffer }).base32)
      }),
    )
  })

  it('has an alphabet without look-alikes as well', () => {
    expect(toBase32(new Uint8Array([0xff, 0x00, 0xff, 0x00, 0xff]), crockford)).toBe('ZW0FY07Z')
    expect(crockford).toHaveLength(32)
    expect(crockford).not.toMatch(/[ILOU]/)
  })
})
