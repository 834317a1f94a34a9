/** Recovery codes and sent codes as texts: what is a code, in how many ways it can be typed, and how likely each is. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contactCode, isContactCode, sending } from '../../src/mfa/contact.ts'
import { readRecoveryCode, recovery, recoveryText, shownCode } from '../../src/mfa/recovery.ts'

describe('a recovery code', () => {
  it('holds what is promised', () => {
    expect(recovery).toEqual({ codes: 10, bytes: 10, saltBytes: 16, iterations: 100_000, hashBits: 256 })
    expect(shownCode(recoveryText(3, new Uint8Array(10)))).toBe('3-0000-0000-0000-0000')
    expect(shownCode(recoveryText(9, new Uint8Array(10).fill(255)))).toBe('9-ZZZZ-ZZZZ-ZZZZ-ZZZZ')
  })

  it('is read as what was shown, however it is typed, and two secrets never as one', () => {
    const bytes = fc.uint8Array({ minLength: 10, maxLength: 10 })
    const index = fc.integer({ min: 0, max: 9 })
    const typing = fc.array(fc.constantFrom(' ', '-', '–', '\t', ''), { minLength: 21, maxLength: 21 })
    fc.assert(
      fc.property(index, bytes, typing, fc.boolean(), (i, secret, between, lower) => {
        const text = recoveryText(i, secret)
        const typed = [...shownCode(text)].map((c, n) => (between[n] ?? '') + c).join('')
        const alike = typed.replace(/0/g, 'o').replace(/1/g, lower ? 'l' : 'I')
        expect(readRecoveryCode(lower ? typed.toLowerCase() : typed)).toEqual({ index: i, text })
        // The index is a digit, and is not mistaken.
        const [head = '', ...rest] = [...typed.replace(/[\s\p{Pd}]/gu, '')]
        expect(readRecoveryCode(head + rest.join('').replace(/0/g, 'O'))).toEqual({ index: i, text })
        expect(readRecoveryCode(alike)).toEqual({ index: i, text })
      }),
    )
    fc.assert(
      fc.property(bytes, bytes, (one, other) => {
        const same = recoveryText(0, one) === recoveryText(0, other)
        expect(same).toBe(one.join() === other.join())
      }),
    )
  })
})

describe('a code that is sent', () => {
  it('is eight digits, each as likely as another', () => {
    expect(sending).toEqual({ most: 5, within: 3_600_000, digits: 8 })
    const counts = new Array<number>(10).fill(0)
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 8, maxLength: 8 }), (bytes) => {
        expect(isContactCode(contactCode(bytes))).toBe(true)
      }),
    )
    for (let n = 0; n < 4_000; n++)
      for (const digit of contactCode(crypto.getRandomValues(new Uint8Array(8))))
        counts[Number(digit)] = (counts[Number(digit)] ?? 0) + 1
    // 32,000 digits, 3,200 of each: eight standard deviations either way.
    for (const count of counts) expect(Math.abs(count - 3_200)).toBeLessThan(8 * 54)
  })

  it('of few bits has its zeros', () => {
    expect(contactCode(new Uint8Array(8))).toBe('00000000')
    expect(contactCode(new Uint8Array([0, 0, 0, 0, 0, 0, 0, 7]))).toBe('00000007')
  })
})
