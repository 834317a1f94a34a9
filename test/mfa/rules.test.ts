/** When an attempt may be made, and what its end does to the counter. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { later } from '../../src/calendar.ts'
import type { Instant } from '../../src/environment.ts'
import {
  changed,
  cleared,
  clockTolerance,
  givenBack,
  noAttempts,
  reserve,
  succeeded,
  throttle,
} from '../../src/mfa/rules.ts'
import type { Attempts } from '../../src/mfa/stored.ts'
import type { SecondFactor } from '../../src/policy/model.ts'

const start = '2026-11-23T10:00:00.000Z' as const
const some: Attempts = { ...noAttempts(start), generation: 7, sends: { count: 2, from: start } }

describe('the throttle', () => {
  it('the numbers are those promised', () => {
    expect(throttle).toEqual({ free: 5, firstWait: 30_000, longestWait: 3_600_000, hardStop: 50 })
  })

  /** Makes as many attempts as there are, each as soon as it may be, and gives the seconds waited after each. */
  function waits(): (number | null)[] {
    let attempts = noAttempts(start)
    let now: Instant = start
    const found: (number | null)[] = []
    for (;;) {
      const made = reserve(attempts, now)
      if ('refused' in made) {
        expect(made.refused).toEqual({ outcome: 'locked', until: null })
        return found
      }
      attempts = made.next
      const until: Instant | null = attempts.lockedUntil
      found.push(until && (Date.parse(until) - Date.parse(now)) / 1000)
      if (until === null) continue
      // A moment before, there is none: and being told so costs nothing.
      const told = attempts.failures < throttle.hardStop ? until : null
      expect(reserve(attempts, later(until, -1))).toEqual({ refused: { outcome: 'locked', until: told } })
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

  it.each([
    [-clockTolerance, 'made'],
    [-clockTolerance - 1, 'clock'],
    [-3_600_000, 'clock'],
    [0, 'made'],
  ])('clock stepped back by %d ms behind what has been: %s', (by, expected) => {
    for (const attempts of [some, { ...some, failures: 5, lockedUntil: later(start, 30_000) }]) {
      const made = reserve(attempts, later(start, by))
      if (expected === 'clock') expect(made).toEqual({ refused: { outcome: 'clock' } })
      else expect(made).not.toEqual({ refused: { outcome: 'clock' } })
    }
  })

  it('clock stepped back: what has been is never forgotten, and a lock is not over sooner', () => {
    const jumps = fc.array(fc.integer({ min: -100_000, max: 100_000 }), { maxLength: 30 })
    fc.assert(
      fc.property(jumps, (steps) => {
        let attempts = some
        let now: Instant = start
        for (const step of steps) {
          now = later(now, step)
          const made = reserve(attempts, now)
          if ('refused' in made) continue
          expect(made.next.latest >= attempts.latest).toBe(true)
          expect(made.next.failures).toBe(attempts.failures + 1)
          if (attempts.lockedUntil !== null) expect(now >= attempts.lockedUntil).toBe(true)
          attempts = made.next
        }
      }),
    )
  })

  it('an attempt changes nothing else of the counter', () => {
    const made = reserve(some, later(start, 5))
    expect(made).toEqual({ next: { ...some, failures: 1, latest: later(start, 5) } })
  })
})

describe('after a success', () => {
  const locked: Attempts = { ...some, failures: 6, lockedUntil: later(start, 60_000) }

  const reservation = { before: { ...locked, failures: 5, lockedUntil: start }, next: locked }

  it.each(['totp', 'hotp', 'passkey', 'recovery-code'] as const)(
    'of a full factor (%s) nothing is counted',
    (factor) => {
      expect(succeeded(locked, { factor, reservation })).toEqual({
        ...some,
        failures: 0,
        lockedUntil: null,
        clears: some.clears + 1,
      })
    },
  )

  it.each(['contact-code', 'trusted-device'] as const)(
    'of a %s only its own attempt is given back, with the lock that only this attempt caused',
    (factor) => {
      const counterAfter = (attempts: Attempts) => succeeded(attempts, { factor, reservation })
      expect(counterAfter(locked)).toEqual(reservation.before)
      // Another attempt has locked since: that lock stays.
      const since = { ...locked, failures: 7, lockedUntil: later(start, 180_000) }
      expect(counterAfter(since)).toEqual({ ...since, failures: 6 })
      expect(counterAfter({ ...since, failures: 5 })).toEqual({ ...some, failures: 4, lockedUntil: null })
      expect(counterAfter(some)).toEqual(some)
    },
  )

  it('lock reset by an attempt from before a success: what others have locked since stays locked', () => {
    const inFlight = reserve(some, start) as { next: Attempts }
    let at = succeeded(inFlight.next, {
      factor: 'totp',
      reservation: { before: some, next: inFlight.next },
    })
    for (let guess = 0; guess < 5; guess++) at = (reserve(at, start) as { next: Attempts }).next
    expect(at).toMatchObject({ failures: 5, lockedUntil: later(start, 30_000) })
    expect(givenBack(at, { before: some, next: inFlight.next })).toEqual(at)
  })

  it('lock-out by a trusted browser: what gives its attempt back leaves the counter as if it had not been', () => {
    const acts = fc.array(
      fc.record({ act: fc.constantFrom('guess', 'given back'), pause: fc.nat({ max: 7_200_000 }) }),
      { maxLength: 60 },
    )
    fc.assert(
      fc.property(acts, (all) => {
        let [attempts, alone] = [some, some]
        let now: Instant = start
        for (const { act, pause } of all) {
          now = later(now, pause)
          const made = reserve(attempts, now)
          if (act === 'guess') {
            const expected = reserve(alone, now)
            expect('refused' in made).toBe('refused' in expected)
            if ('next' in expected) alone = expected.next
          }
          if ('refused' in made) continue
          attempts = act === 'guess' ? made.next : givenBack(made.next, { before: attempts, next: made.next })
          expect({ ...attempts, latest: start }).toEqual({ ...alone, latest: start })
        }
      }),
    )
  })

  it('parallel brute force: whoever reads the mailbox gets no more guesses at the app by it', () => {
    const acts = fc.array(
      fc.constantFrom<SecondFactor | 'guess'>('guess', 'contact-code', 'trusted-device'),
      {
        maxLength: 60,
      },
    )
    fc.assert(
      fc.property(acts, (all) => {
        let attempts = some
        let guesses = 0
        for (const act of all) {
          const made = reserve(attempts, start)
          if ('refused' in made) continue
          if (act === 'guess') guesses++
          const reservation = { before: attempts, next: made.next }
          attempts = act === 'guess' ? made.next : succeeded(made.next, { factor: act, reservation })
        }
        expect(guesses).toBeLessThanOrEqual(throttle.free)
      }),
    )
  })

  it('a clock that was a year ahead is forgotten by a reset', () => {
    const ahead = { ...locked, latest: later(start, 365 * 86_400_000) }
    expect(reserve(ahead, start)).toEqual({ refused: { outcome: 'clock' } })
    expect(cleared(ahead, start)).toEqual({
      ...some,
      failures: 0,
      lockedUntil: null,
      clears: 1,
      generation: 8,
    })
    expect(reserve(cleared(ahead, start), start)).toHaveProperty('next')
  })

  it('a change of factors makes another generation, and resets nothing', () => {
    expect(changed(locked)).toEqual({ ...locked, generation: 8 })
  })
})
