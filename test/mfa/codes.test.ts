/** Which one-time code is the right one: vectors, an independent implementation, windows, and codes used before. */

import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { HOTP, Secret, TOTP } from 'otpauth'
import { describe, expect, it } from 'vitest'
import { instant, later } from '../../src/calendar.ts'
import { fromHex } from '../../src/keys/digest.ts'
import {
  type CodeKey,
  codeAt,
  isCode,
  judgeHotp,
  judgeResync,
  judgeTotp,
  lookAhead,
  period,
  secretBytes,
  stepAt,
  windows,
} from '../../src/mfa/codes.ts'
import { toBase32 } from '../../src/mfa/spelling.ts'

const vectors = new URL('../../../shared/data/otp-vectors.json', import.meta.url)

/** The secret of both RFCs, `12345678901234567890`. */
const key: CodeKey = { secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', algorithm: 'sha1', digits: 6 }
const start = '2026-11-23T10:00:00.000Z' as const
const present = stepAt(start)
const keys: fc.Arbitrary<{ bytes: Uint8Array; key: CodeKey }> = fc
  .record({
    algorithm: fc.constantFrom('sha1' as const, 'sha256' as const, 'sha512' as const),
    digits: fc.constantFrom(6 as const, 8 as const),
    seed: fc.uint8Array({ minLength: 64, maxLength: 64 }),
  })
  .map(({ algorithm, digits, seed }) => {
    const bytes = seed.slice(0, secretBytes[algorithm])
    return { bytes, key: { secret: toBase32(bytes), algorithm, digits } }
  })

describe('codes', () => {
  /** RFC 4226 appendix D, table 2. */
  it.each(
    ['755224', '287082', '359152', '969429', '338314', '254676', '287922', '162583', '399871', '520489'].map(
      (code, count) => [count, code] as const,
    ),
  )('RFC 4226: count %d is %s', (count, code) => {
    expect(codeAt(key, count)).toBe(code)
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
    expect(codeAt(key, stepAt(instant(seconds * 1000)))).toBe(eight.slice(2))
    expect(codeAt({ ...key, digits: 8 }, stepAt(instant(seconds * 1000)))).toBe(eight)
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
        expect(codeAt({ ...key, secret: hotp.secretBase32 }, count)).toBe(code)
      }
      for (const { unixTime, totp: codes } of timed.vectors) {
        for (const [name, code] of Object.entries(codes)) {
          const algorithm = name.toLowerCase() as CodeKey['algorithm']
          const secret = toBase32(fromHex(timed.seeds[name].hex))
          seen.push(code as string)
          const step = stepAt(instant(unixTime * 1000))
          expect(codeAt({ secret, algorithm, digits: 8 }, step)).toBe(code)
        }
      }
      expect(seen).toHaveLength(10 + 18)
    },
  )

  it('are those of an independent implementation, for every algorithm and length, any secret and time', () => {
    fc.assert(
      fc.property(keys, fc.integer({ min: 0, max: 4_000_000_000 }), ({ bytes, key: of }, seconds) => {
        const same = {
          secret: new Secret({ buffer: bytes.slice().buffer }),
          algorithm: of.algorithm.toUpperCase(),
          digits: of.digits,
        }
        const timestamp = seconds * 1000
        const code = codeAt(of, stepAt(instant(timestamp)))
        expect(code).toBe(new TOTP({ ...same, period }).generate({ timestamp }))
        expect(codeAt(of, seconds)).toBe(new HOTP(same).generate({ counter: seconds }))
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
    ['12345678', true],
    ['123456789', false],
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

const plain = { key, window: 'default' } as const

describe('the window', () => {
  it('is never more than two steps, and the digits and secrets are those promised', () => {
    expect(windows).toEqual({ default: 1, strict: 0 })
    expect({ period, secretBytes }).toEqual({ period: 30, secretBytes: { sha1: 20, sha256: 32, sha512: 64 } })
    expect(lookAhead).toEqual({ verify: 10, resync: 200 })
  })

  it.each([
    [-2, 'wrong'],
    [-1, 'accepted'],
    [0, 'accepted'],
    [1, 'accepted'],
    [2, 'wrong'],
    [99, 'wrong'],
  ])('a code of %d steps from now is %s', (offset, outcome) => {
    const verified = judgeTotp(codeAt(key, present + offset), { ...plain, lastStep: 0, now: start })
    expect(verified).toEqual(outcome === 'accepted' ? { outcome, count: present + offset } : { outcome })
  })

  it.each([-2, -1, 0, 1, 2])(
    'strict: of the codes around, only the present one is accepted (%d)',
    (offset) => {
      const code = codeAt(key, present + offset)
      const judged = judgeTotp(code, { key, window: 'strict', lastStep: 0, now: start })
      expect(judged.outcome).toBe(offset === 0 ? 'accepted' : 'wrong')
    },
  )

  it('a step lasts thirty seconds', () => {
    expect(stepAt('2026-11-23T10:00:29.999Z')).toBe(present)
    expect(stepAt('2026-11-23T10:00:30.000Z')).toBe(present + 1)
    expect(stepAt('2026-11-23T09:59:59.999Z')).toBe(present - 1)
  })

  it('at the beginning of time there is no step before the first', () => {
    const now = '1970-01-01T00:00:00.000Z'
    expect(judgeTotp(codeAt(key, 0), { ...plain, lastStep: -1, now })).toEqual({
      outcome: 'accepted',
      count: 0,
    })
    expect(judgeTotp('000000', { ...plain, lastStep: -1, now })).toEqual({ outcome: 'wrong' })
  })

  it.each([
    [-1, 'replayed'],
    [0, 'replayed'],
    [1, 'accepted'],
  ])(
    'replay: after the present step was accepted, the code of %d steps from now is %s',
    (offset, outcome) => {
      const code = codeAt(key, present + offset)
      expect(judgeTotp(code, { ...plain, lastStep: present, now: start }).outcome).toBe(outcome)
    },
  )

  it('clock stepped back: codes of steps before the last accepted one are not accepted', () => {
    for (let back = 0; back <= 10; back++) {
      const now = later(start, -back * 30_000)
      const code = codeAt(key, present - back)
      expect(judgeTotp(code, { ...plain, lastStep: present, now })).toEqual({ outcome: 'replayed' })
    }
  })

  it('whatever is accepted is the code of a step of the window that is later than the last', () => {
    const guesses = fc.oneof(
      fc.integer({ min: -3, max: 3 }).map((offset) => codeAt(key, present + offset)),
      fc.stringMatching(/^\d{6}$/),
    )
    fc.assert(
      fc.property(guesses, fc.integer({ min: -3, max: 3 }), (code, last) => {
        const lastStep = present + last
        const verified = judgeTotp(code, { ...plain, lastStep, now: start })
        const steps = [-1, 0, 1]
          .map((offset) => present + offset)
          .filter((step) => codeAt(key, step) === code)
        const fresh = steps.filter((step) => step > lastStep)
        if (fresh.length > 0) expect(verified).toEqual({ outcome: 'accepted', count: fresh[0] })
        else expect(verified).toEqual({ outcome: steps.length > 0 ? 'replayed' : 'wrong' })
      }),
    )
  })
})

describe('a counting token', () => {
  it.each([
    [4, 'wrong'],
    [6, 'replayed'],
    [7, 'accepted'],
    [7 + lookAhead.verify, 'accepted'],
    [8 + lookAhead.verify, 'wrong'],
  ])('that stands at 7: the code of %d is %s', (count, outcome) => {
    const judged = judgeHotp(codeAt(key, count), { key, counter: 7 })
    expect(judged).toEqual(outcome === 'accepted' ? { outcome, count } : { outcome })
  })

  it('that was never used has no code before the first', () => {
    expect(judgeHotp(codeAt(key, 0), { key, counter: 0 })).toEqual({ outcome: 'accepted', count: 0 })
  })

  it('replay: whatever is accepted, no code up to it is accepted after', () => {
    fc.assert(
      fc.property(
        keys,
        fc.array(fc.nat({ max: 12 }), { minLength: 1, maxLength: 12 }),
        ({ key: of }, ahead) => {
          let counter = 0
          for (const by of ahead) {
            const judged = judgeHotp(codeAt(of, counter + by), { key: of, counter })
            if (judged.outcome !== 'accepted') {
              expect(by).toBeGreaterThan(lookAhead.verify)
              continue
            }
            expect(judged.count).toBeGreaterThanOrEqual(counter)
            expect(judged.count).toBeLessThanOrEqual(counter + by)
            counter = judged.count + 1
          }
        },
      ),
      { numRuns: 30 },
    )
  })

  it.each([
    [[50, 51], { outcome: 'accepted', count: 51 }],
    [[7, 8], { outcome: 'accepted', count: 8 }],
    [[7 + lookAhead.resync - 1, 7 + lookAhead.resync], { outcome: 'accepted', count: 7 + lookAhead.resync }],
    [[7 + lookAhead.resync, 8 + lookAhead.resync], { outcome: 'wrong' }],
    [[51, 50], { outcome: 'wrong' }],
    [[50, 52], { outcome: 'wrong' }],
    [[50, 50], { outcome: 'wrong' }],
    [[5, 6], { outcome: 'wrong' }],
    [[6, 7], { outcome: 'wrong' }],
  ] as const)('that stands at 7 is found again by the codes %j: %j', ([one, two], expected) => {
    const codes = [codeAt(key, one), codeAt(key, two)] as const
    expect(judgeResync(codes, { key, counter: 7 })).toEqual(expected)
  })
})
