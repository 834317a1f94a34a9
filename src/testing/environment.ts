/**
 * Time and chance for tests: a clock that stands until it is set, and a random stream that a seed determines
 * (sfc32, seeded by splitmix32 over the seed's text). Same seed and same calls, same bytes. For tests only: the
 * stream can be foretold, so nothing that must stay secret may be made from it.
 */

import type { Environment, Instant } from '../environment.ts'
import { checkInstant } from '../values/text.ts'

/** An environment whose clock the test sets. */
export interface TestEnvironment extends Environment {
  /** Sets the clock, forwards or back. @throws InvalidInput `input.invalid` */
  set(at: Instant): void
  /** Moves the clock by so many milliseconds. */
  advance(milliseconds: number): void
}

/**
 * A clock that stands at `at` (2026-01-01T00:00:00.000Z if not given) and the random stream of `seed`.
 * `wait` resolves at once and moves nothing.
 * @throws InvalidInput `input.invalid` if `at` is not an instant
 */
export function fixedEnvironment(
  options: { readonly at?: Instant; readonly seed?: number | string } = {},
): TestEnvironment {
  let now = Date.parse(checkInstant(options.at ?? '2026-01-01T00:00:00.000Z', 'at'))
  const next = stream(`${options.seed ?? 1}`)
  return {
    now: () => new Date(now).toISOString() as Instant,
    random: (length) => fill(new Uint8Array(length), next),
    wait: () => Promise.resolve(),
    set(at) {
      now = Date.parse(checkInstant(at, 'at'))
    },
    advance(milliseconds) {
      now += milliseconds
    },
  }
}

function fill(bytes: Uint8Array<ArrayBuffer>, next: () => number): Uint8Array<ArrayBuffer> {
  for (let i = 0; i < bytes.length; i += 4) {
    const word = next()
    for (let j = i; j < Math.min(i + 4, bytes.length); j++) bytes[j] = (word >>> (8 * (j - i))) & 255
  }
  return bytes
}

/** Words of 32 bits from a seed. */
function stream(seed: string): () => number {
  let mixed = 0x9e3779b9
  const splitmix = (): number => {
    mixed = (mixed + 0x9e3779b9) | 0
    let z = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    return z ^ (z >>> 15)
  }
  for (let i = 0; i < seed.length; i++) {
    mixed ^= seed.charCodeAt(i)
    mixed = splitmix()
  }
  let [a, b, c, counter] = [splitmix(), splitmix(), splitmix(), 1]
  return () => {
    const word = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + word
    return word >>> 0
  }
}
