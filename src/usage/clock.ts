/**
 * The time of a log line, `[17/May/2015:10:05:03 +0000]`: 28 bytes, English month names, a numeric zone (Apache
 * `%t`, nginx `$time_local`). A day that is not in the calendar or a time that no clock shows is refused; second 60,
 * a leap second, is read as the second after 59.
 */

const months = new Map(
  ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'].map((name, i) => [
    (name.charCodeAt(0) << 16) | (name.charCodeAt(1) << 8) | name.charCodeAt(2),
    i,
  ]),
)

/** Reads times. Successive lines mostly share their date, so that is worked out once. */
export class LogClock {
  #day = -1
  #month = -1
  #year = -1
  #midnight = -1

  /** Milliseconds since 1970, or -1 where the 28 bytes at `at` are not such a time, or lie before 1970. */
  read(bytes: Uint8Array, at: number): number {
    const midnight = this.#date(bytes, at)
    const hour = two(bytes, at + 13)
    const minute = two(bytes, at + 16)
    const second = two(bytes, at + 19)
    const zoneHour = two(bytes, at + 23)
    const zoneMinute = two(bytes, at + 25)
    const sign = bytes[at + 22]
    if (midnight < 0 || !punctuated(bytes, at) || (sign !== plus && sign !== minus)) return -1
    if ((hour | minute | second | zoneHour | zoneMinute) < 0) return -1
    if (hour > 23 || minute > 59 || second > 60 || zoneHour > 23 || zoneMinute > 59) return -1
    const ahead = (zoneHour * 60 + zoneMinute) * (sign === plus ? 60_000 : -60_000)
    return Math.max(midnight + hour * 3_600_000 + minute * 60_000 + second * 1_000 - ahead, -1)
  }

  #date(bytes: Uint8Array, at: number): number {
    const day = two(bytes, at + 1)
    const month =
      ((bytes[at + 4] as number) << 16) | ((bytes[at + 5] as number) << 8) | (bytes[at + 6] as number)
    const century = two(bytes, at + 8)
    const year = century * 100 + two(bytes, at + 10)
    if (day === this.#day && month === this.#month && year === this.#year) return this.#midnight
    this.#day = day
    this.#month = month
    this.#year = year
    this.#midnight = century < 0 || two(bytes, at + 10) < 0 ? -1 : midnightOf(year, months.get(month), day)
    return this.#midnight
  }
}

const plus = 43
const minus = 45

/** `[` `/` `/` `:` `:` `:` ` ` `]` in their places. */
const punctuated = (bytes: Uint8Array, at: number): boolean =>
  bytes[at] === 91 &&
  bytes[at + 3] === 47 &&
  bytes[at + 7] === 47 &&
  bytes[at + 12] === 58 &&
  bytes[at + 15] === 58 &&
  bytes[at + 18] === 58 &&
  bytes[at + 21] === 32 &&
  bytes[at + 27] === 93

function midnightOf(year: number, month: number | undefined, day: number): number {
  if (month === undefined || day < 1) return -1
  const midnight = Date.UTC(year, month, day)
  return new Date(midnight).getUTCDate() === day && new Date(midnight).getUTCFullYear() === year
    ? midnight
    : -1
}

/** Two digits as a number; negative where they are not digits. */
function two(bytes: Uint8Array, at: number): number {
  const a = (bytes[at] as number) - 48
  const b = (bytes[at + 1] as number) - 48
  return a >= 0 && a <= 9 && b >= 0 && b <= 9 ? a * 10 + b : -1
}
