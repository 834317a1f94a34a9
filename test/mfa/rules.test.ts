/** When an attempt may be made, and which code is the right one. */

import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { Secret, TOTP, URI } from 'otpauth'
import { generateSync } from 'otplib'
import { describe, expect, it } from 'vitest'
import { instant, later } from '../../src/calendar.ts'
import type { Instant } from '../../src/environment.ts'
import { fromHex } from '../../src/keys/digest.ts'
import type { Attempts } from '../../src/mfa/model.ts'
import {
  codeAt,
  isCode,
  otpauthUri,
  reserve,
  stepAt,
  throttle,
  toBase32,
  totp,
  verifyCode,
} from '../../src/mfa/rules.ts'

const vectors = new URL('../../../shared/data/otp-vectors.json', import.meta.url)

/** The secret of both RFCs, `12345678901234567890`. */
const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
const start = '2026-11-23T10:00:00.000Z' as const
const present = stepAt(start)

describe('codes', () => {
  /** RFC 4226 appendix D, table 2. */
  it.each(
    ['755224', '287082', '359152', '969429', '338314', '254676', '287922', '162583', '399871', '520489'].map(
      (code, count) => [count, code] as const,
    ),
  )('RFC 4226: count %d is %s', (count, code) => {
    expect(codeAt(secret, count)).toBe(code)
  })

  /** RFC 6238 appendix B, SHA-1: a code of six digits is the end of the one of eight (RFC 4226 §5.3). */
  it.each([
    [59, '94287082'],
    [1111111109, '07081804'],
    [1111111111, '14050471'],
    [1234567890, '89005924'],
    [2000000000, '69279037'],
    [20000000000, '65353130'],
  ])('RFC 6238: at %d seconds the code ends %s', (seconds, eight) => {
    expect(codeAt(secret, stepAt(instant(seconds * 1000)))).toBe(eight.slice(2))
  })

  it.skipIf(!existsSync(vectors))(
    'every row of the vectors, of all algorithms (skipped where ../shared/data/otp-vectors.json is absent)',
    () => {
      const { rfc4226_appendix_d: hotp, rfc6238_appendix_b: timed } = JSON.parse(
        readFileSync(vectors, 'utf8'),
      )
      const seen: string[] = []
      for (const { count, hotp: code } of hotp.vectors) {
        seen.push(code)
        expect(codeAt(hotp.secretBase32, count)).toBe(code)
        const counted = {
          secret: fromHex(hotp.secretHex),
          counter: count,
          digits: 6,
          algorithm: 'sha1',
        } as const
        expect(generateSync({ ...counted, strategy: 'hotp' })).toBe(code)
      }
      for (const { unixTime: epoch, totp: codes } of timed.vectors) {
        for (const [name, code] of Object.entries(codes)) {
          const algorithm = name.toLowerCase() as 'sha1' | 'sha256' | 'sha512'
          const key = fromHex(timed.seeds[name].hex)
          seen.push(code as string)
          expect(generateSync({ secret: key, algorithm, digits: 8, period: 30, epoch })).toBe(code)
          expect(generateSync({ secret: toBase32(key), algorithm, digits: 8, period: 30, epoch })).toBe(code)
        }
      }
      expect(seen).toHaveLength(10 + 18)
    },
  )

  it('are those of an independent implementation, for any secret and time', () => {
    const keys = fc.uint8Array({ minLength: 20, maxLength: 20 })
    fc.assert(
      fc.property(keys, fc.integer({ min: 0, max: 4_000_000_000 }), (key, seconds) => {
        const other = new TOTP({
          secret: new Secret({ buffer: key.slice().buffer }),
          algorithm: 'SHA1',
          digits: 6,
          period: 30,
        })
        const code = codeAt(toBase32(key), stepAt(instant(seconds * 1000)))
        expect(code).toBe(other.generate({ timestamp: seconds * 1000 }))
        expect(isCode(code)).toBe(true)
      }),
    )
  })

  it.each([
    ['123456', true],
    ['000000', true],
    ['', false],
    ['12345', false],
    ['1234567', false],
    ['12345a', false],
    ['123 456', false],
    [' 123456', false],
    ['123456\n', false],
    ['-12345', false],
    ['1e5000', false],
    ['１２３４５６', false],
    ['٠١٢٣٤٥', false],
    [123456, false],
    [null, false],
    [['123456'], false],
    [{ $ne: '' }, false],
  ])('%j has the form of one: %s', (code, expected) => {
    expect(isCode(code)).toBe(expected)
  })
})

describe('the window', () => {
  it.each([
    [-2, 'wrong'],
    [-1, 'accepted'],
    [0, 'accepted'],
    [1, 'accepted'],
    [2, 'wrong'],
    [99, 'wrong'],
  ])('a code of %d steps from now is %s', (offset, outcome) => {
    const verified = verifyCode(codeAt(secret, present + offset), { secret, lastStep: 0, now: start })
    expect(verified).toEqual(outcome === 'accepted' ? { outcome, step: present + offset } : { outcome })
  })

  it('a step lasts thirty seconds', () => {
    expect(stepAt('2026-11-23T10:00:29.999Z')).toBe(present)
    expect(stepAt('2026-11-23T10:00:30.000Z')).toBe(present + 1)
    expect(stepAt('2026-11-23T09:59:59.999Z')).toBe(present - 1)
  })

  it('at the beginning of time there is no step before the first', () => {
    const now = '1970-01-01T00:00:00.000Z'
    expect(verifyCode(codeAt(secret, 0), { secret, lastStep: -1, now })).toEqual({
      outcome: 'accepted',
      step: 0,
    })
    expect(verifyCode('000000', { secret, lastStep: -1, now })).toEqual({ outcome: 'wrong' })
  })

  it.each([
    [-1, 'replayed'],
    [0, 'replayed'],
    [1, 'accepted'],
  ])(
    'replay: after the present step was accepted, the code of %d steps from now is %s',
    (offset, outcome) => {
      const code = codeAt(secret, present + offset)
      expect(verifyCode(code, { secret, lastStep: present, now: start }).outcome).toBe(outcome)
    },
  )

  it('clock stepped back: codes of steps before the last accepted one are not accepted', () => {
    for (let back = 0; back <= 10; back++) {
      const now = later(start, -back * 30_000)
      const code = codeAt(secret, present - back)
      expect(verifyCode(code, { secret, lastStep: present, now })).toEqual({ outcome: 'replayed' })
    }
  })

  it('whatever is accepted is the code of a step of the window that is later than the last', () => {
    const guesses = fc.oneof(
      fc.integer({ min: -3, max: 3 }).map((offset) => codeAt(secret, present + offset)),
      fc.stringMatching(/^\d{6}$/),
    )
    fc.assert(
      fc.property(guesses, fc.integer({ min: -3, max: 3 }), (code, last) => {
        const lastStep = present + last
        const verified = verifyCode(code, { secret, lastStep, now: start })
        const steps = [-1, 0, 1]
          .map((offset) => present + offset)
          .filter((step) => codeAt(secret, step) === code)
        const fresh = steps.filter((step) => step > lastStep)
        if (fresh.length > 0) expect(verified).toEqual({ outcome: 'accepted', step: fresh[0] })
        else expect(verified).toEqual({ outcome: steps.length > 0 ? 'replayed' : 'wrong' })
      }),
    )
  })
})

describe('the throttle', () => {
  it('the numbers are those promised', () => {
    expect(throttle).toEqual({ free: 5, firstWait: 30_000, longestWait: 3_600_000, hardStop: 50 })
    expect(totp).toEqual({ algorithm: 'sha1', digits: 6, period: 30, window: 1, secretBytes: 20 })
  })

  /** Makes as many attempts as there are, each as soon as it may be, and gives the seconds waited after each. */
  function waits(): (number | null)[] {
    let attempts: Attempts | null = null
    let now: Instant = start
    const found: (number | null)[] = []
    for (;;) {
      const made = reserve(attempts, now)
      if ('locked' in made) {
        expect(made.locked).toEqual({ outcome: 'locked', until: null })
        return found
      }
      attempts = made.next
      const until: Instant | null = attempts.lockedUntil
      found.push(until && (Date.parse(until) - Date.parse(now)) / 1000)
      if (until === null) continue
      // A moment before, there is none: and being told so costs nothing.
      const told = attempts.failures < throttle.hardStop ? until : null
      expect(reserve(attempts, later(until, -1))).toEqual({ locked: { outcome: 'locked', until: told } })
      now = until
    }
  }

  it('five attempts are free, then the wait doubles from 30 seconds to an hour, and 50 are all', () => {
    const [first, ...found] = [waits().slice(0, 4), ...waits().slice(4)]
    expect(first).toEqual([null, null, null, null])
    expect(found.slice(0, 9)).toEqual([30, 60, 120, 240, 480, 960, 1920, 3600, 3600])
    expect(new Set(found.slice(7))).toEqual(new Set([3600]))
    expect(found).toHaveLength(46)
  })

  it('brute force: at full speed the 50 attempts take more than a day and a half', () => {
    const total = waits().reduce<number>((sum, wait) => sum + (wait ?? 0), 0)
    expect(total / 3600).toBeGreaterThan(39)
  })

  it('clock stepped back: a lock is not over before its time on the clock', () => {
    const attempts = { failures: 5, lockedUntil: later(start, 30_000), at: start }
    expect(reserve(attempts, later(start, -3_600_000))).toMatchObject({ locked: { outcome: 'locked' } })
  })

  it('a free attempt does not depend on the clock', () => {
    expect(reserve({ failures: 3, lockedUntil: null, at: start }, '1970-01-01T00:00:00.000Z')).toMatchObject({
      next: { failures: 4, lockedUntil: null },
    })
  })
})

describe('the otpauth URI', () => {
  it('is what apps read', () => {
    expect(otpauthUri({ secret, issuer: 'Pilvi Cloud Company Oy', label: 'person+1@example.com' })).toBe(
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
        const uri = otpauthUri({ secret, issuer, label })
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
      const named = { secret, issuer: 'Pilvi', label: 'person', [path]: name as string }
      expect(() => otpauthUri(named)).toThrow(
        expect.objectContaining({ name: 'InvalidInput', code: 'input.invalid', path }),
      )
    }
  })

  it('label injection: what would be a parameter or another path stays part of the name', () => {
    const label = 'a&secret=AAAA#?issuer=Bank/%3ABank'
    const read = URI.parse(otpauthUri({ secret, issuer: 'Pilvi', label })) as TOTP
    expect([read.issuer, read.secret.base32]).toEqual(['Pilvi', secret])
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
})
