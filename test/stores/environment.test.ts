import { describe, expect, it } from 'vitest'
import { newId } from '../../src/environment.ts'
import { fixedEnvironment } from '../../src/testing/index.ts'

describe('an environment for tests', () => {
  it('has a clock that stands until it is set', () => {
    const environment = fixedEnvironment({ at: '2026-03-29T00:30:00.000Z' })
    expect([environment.now(), environment.now()]).toEqual(new Array(2).fill('2026-03-29T00:30:00.000Z'))
    environment.advance(3_600_000)
    expect(environment.now()).toBe('2026-03-29T01:30:00.000Z')
    environment.set('2020-01-01T00:00:00.000Z')
    expect(environment.now()).toBe('2020-01-01T00:00:00.000Z')
    expect(fixedEnvironment().now()).toBe('2026-01-01T00:00:00.000Z')
  })

  it('refuses what is no instant', () => {
    const invalid = expect.objectContaining({ code: 'input.invalid', path: 'at' })
    expect(() => fixedEnvironment({ at: '2026-01-01' as never })).toThrow(invalid)
    expect(() => fixedEnvironment().set('now' as never)).toThrow(invalid)
  })

  it('gives the same bytes for the same seed and the same calls, and others for others', () => {
    const bytes = (seed: number | string): string => {
      const environment = fixedEnvironment({ seed })
      return [1, 4, 7, 0, 32]
        .map((length) => Buffer.from(environment.random(length)).toString('hex'))
        .join(' ')
    }
    expect(bytes(7)).toBe(bytes('7'))
    const seeds = Array.from({ length: 500 }, (_, i) => bytes(i))
    expect(new Set(seeds).size).toBe(500)
    expect(bytes('')).not.toBe(bytes('0'))
  })

  it('gives bytes that are spread evenly', () => {
    const counts = new Array<number>(256).fill(0)
    const size = 256_000
    for (const byte of fixedEnvironment({ seed: 'spread' }).random(size))
      counts[byte] = (counts[byte] ?? 0) + 1
    const expected = size / 256
    const chiSquared = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
    // 255 degrees of freedom: mean 255, standard deviation 22.6; five of them on either side.
    expect(Math.abs(chiSquared - 255)).toBeLessThan(113)
  })

  it('makes ids that differ while the clock stands, and waits for nothing', async () => {
    const environment = fixedEnvironment()
    const ids = Array.from({ length: 1_000 }, () => newId(environment))
    expect(new Set(ids).size).toBe(1_000)
    await environment.wait(3_600_000)
    expect(environment.now()).toBe('2026-01-01T00:00:00.000Z')
  })
})
