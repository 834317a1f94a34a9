/**
 * Time and chance as values that are handed in (design §5.10): with the same environment and the same calls the
 * library produces the same bytes. This file is the only reader of the real clock and of the system's randomness.
 */

/** A moment: ISO-8601 in UTC with exactly three decimals, `2026-11-23T17:16:00.000Z`. */
export type Instant = `${string}T${string}Z`

/** A day on a calendar, without a time or a zone: `2026-11-23`. */
export type CalendarDate = `${number}-${number}-${number}`

/** Where the library gets time and chance from. */
export interface Environment {
  /** The present moment. */
  now(): Instant
  /** `length` bytes from a cryptographically secure source. */
  random(length: number): Uint8Array<ArrayBuffer>
  /** Resolves after about `milliseconds`; used only between retries. */
  wait(milliseconds: number): Promise<void>
}

/** The real clock and the system's random source. */
export const systemEnvironment: Environment = {
  now: () => new Date().toISOString() as Instant,
  random: (length) => crypto.getRandomValues(new Uint8Array(length)),
  wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
}

/** A new opaque id: 26 characters, ordered by time to the millisecond, 80 random bits (the layout of a ULID). */
export function newId(environment: Environment): string {
  const digits = '0123456789abcdefghjkmnpqrstvwxyz'
  let time = Date.parse(environment.now())
  let head = ''
  for (let i = 0; i < 10; i++) {
    head = digits.charAt(time % 32) + head
    time = Math.floor(time / 32)
  }
  let tail = ''
  for (const byte of environment.random(16)) tail += digits.charAt(byte & 31)
  return head + tail
}
