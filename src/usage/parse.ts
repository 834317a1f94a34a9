/**
 * One line of an access log in the common or the combined format (Apache `mod_log_config`, "Access Log"; nginx
 * `log_format combined`):
 *
 *     host ident user [day/month/year:hour:minute:second zone] "request" status size ["referrer" "agent"]
 *
 * Bytes are read once from left to right and nothing is decoded, so a line costs time in proportion to its length
 * whatever it holds. In quotes a backslash escapes the byte after it. A line that is anything else (a field more or
 * less, an unclosed quote, a host that is neither a DNS name nor an address, a day that does not exist) is rejected
 * with a reason from a closed list; nothing is thrown and nothing of the line is quoted.
 *
 * Positional numbers instead of objects throughout: one object a line would cost more than the reading.
 */

import { LogClock } from './clock.ts'

/** Why a line was rejected. */
export type RejectReason =
  | 'empty' // nothing but white space
  | 'too-long' // over 64 KiB
  | 'host' // the first field is neither a DNS name nor an address
  | 'identity' // the second or third field is missing
  | 'time' // no time in brackets, or one that does not exist
  | 'request' // no request in quotes, or its quote is not closed
  | 'status' // not three digits or a dash
  | 'size' // not digits or a dash
  | 'referrer' // not in quotes, or its quote is not closed
  | 'agent' // likewise
  | 'trailing' // more after the last field

/** No line rejected, for any reason. */
export const noneRejected: Readonly<Record<RejectReason, number>> = {
  empty: 0,
  'too-long': 0,
  host: 0,
  identity: 0,
  time: 0,
  request: 0,
  status: 0,
  size: 0,
  referrer: 0,
  agent: 0,
  trailing: 0,
}

const space = 32
const quote = 34
const backslash = 92
const dash = 45
const dot = 46
const colon = 58

/** What a byte may be: 1 part of a DNS name, 2 a decimal digit, 4 a hexadecimal digit. */
const kinds = new Uint8Array(256)
for (const c of '0123456789') kinds[c.charCodeAt(0)] = 1 | 2 | 4
for (const c of 'abcdefABCDEF') kinds[c.charCodeAt(0)] = 1 | 4
for (const c of 'ghijklmnopqrstuvwxyzGHIJKLMNOPQRSTUVWXYZ_-.') kinds[c.charCodeAt(0)] = 1

/** Reads lines; what it found stands in its fields until the next one. Positions are in the bytes that were given. */
export class LineParser {
  hostStart = 0
  hostEnd = 0
  /** Milliseconds since 1970. */
  time = 0
  /** The referrer without its quotes; an empty range where there is none. */
  referrerStart = 0
  referrerEnd = 0
  /** The user agent without its quotes; an empty range where there is none. */
  agentStart = 0
  agentEnd = 0

  #bytes: Uint8Array = new Uint8Array(0)
  #at = 0
  #end = 0
  readonly #clock = new LogClock()

  /** Reads the line from `start` up to `end`; `null` when it is well formed. */
  parse(bytes: Uint8Array, start: number, end: number): RejectReason | null {
    this.#bytes = bytes
    this.#at = start
    // A log written on another system may end its lines with CR LF.
    this.#end = end > start && bytes[end - 1] === 13 ? end - 1 : end
    if (this.#at === this.#end) return 'empty'
    if (!this.#host()) return this.#blank(start) ? 'empty' : 'host'
    if (!this.#word() || !this.#word()) return 'identity'
    if (!this.#time()) return 'time'
    if (!this.#space() || !this.#quoted() || !this.#space()) return 'request'
    if (!this.#status() || !this.#space()) return 'status'
    if (!this.#size()) return 'size'
    return this.#visitor()
  }

  /** The two fields that the combined format has more. */
  #visitor(): RejectReason | null {
    this.referrerStart = this.referrerEnd = this.agentStart = this.agentEnd = 0
    if (this.#at === this.#end) return null
    if (!this.#space()) return 'size'
    this.referrerStart = this.#at + 1
    if (!this.#quoted()) return 'referrer'
    this.referrerEnd = this.#at - 1
    if (!this.#space()) return 'referrer'
    this.agentStart = this.#at + 1
    if (!this.#quoted()) return 'agent'
    this.agentEnd = this.#at - 1
    return this.#at === this.#end ? null : 'trailing'
  }

  #host(): boolean {
    const bytes = this.#bytes
    let at = this.#at
    let seen = 0
    let all = 7
    while (at < this.#end && bytes[at] !== space) {
      const kind = bytes[at] === colon ? 0x10 : (kinds[bytes[at] as number] as number)
      if (kind === 0) return false
      seen |= kind
      all &= kind
      at++
    }
    this.hostStart = this.#at
    this.hostEnd = at
    const length = at - this.hostStart
    // A number alone or a dash is no host; the longest DNS name has 253 characters (RFC 1035 §2.3.4).
    if (length === 0 || length > 253 || (all & 2) !== 0 || bytes[this.hostStart] === dash) return false
    if ((seen & 0x10) !== 0 && !isAddress6(bytes, this.hostStart, at)) return false
    this.#at = at
    return this.#space()
  }

  #blank(start: number): boolean {
    for (let i = start; i < this.#end; i++) {
      if (this.#bytes[i] !== space && this.#bytes[i] !== 9) return false
    }
    return true
  }

  #space(): boolean {
    return this.#at < this.#end && this.#bytes[this.#at++] === space
  }

  /** A field without white space in it, and the space after it. */
  #word(): boolean {
    const start = this.#at
    while (this.#at < this.#end && this.#bytes[this.#at] !== space) this.#at++
    return this.#at > start && this.#space()
  }

  #time(): boolean {
    if (this.#end - this.#at < 28) return false
    const time = this.#clock.read(this.#bytes, this.#at)
    this.time = time
    this.#at += 28
    return time >= 0
  }

  #quoted(): boolean {
    const bytes = this.#bytes
    const end = this.#end
    let at = this.#at
    if (at >= end || bytes[at] !== quote) return false
    for (at++; at < end; at++) {
      const byte = bytes[at]
      if (byte === quote) {
        this.#at = at + 1
        return true
      }
      if (byte === backslash) at++
    }
    return false
  }

  #status(): boolean {
    return this.#digits() === 3 || this.#dash()
  }

  #size(): boolean {
    return this.#digits() > 0 || this.#dash()
  }

  #dash(): boolean {
    return this.#at < this.#end && this.#bytes[this.#at] === dash && this.#at++ >= 0
  }

  #digits(): number {
    const start = this.#at
    while (this.#at < this.#end && ((kinds[this.#bytes[this.#at] as number] as number) & 2) !== 0) this.#at++
    return this.#at - start
  }
}

/** Whether these bytes are an IPv6 address (RFC 4291 §2.2, all three forms), without a zone. */
export function isAddress6(bytes: Uint8Array, start: number, end: number): boolean {
  let groups = 0
  let skipped = false
  let at = start
  if (bytes[at] === colon && bytes[at + 1] !== colon) return false
  while (at < end) {
    if (bytes[at] === colon && at + 1 < end && bytes[at + 1] === colon) {
      if (skipped) return false
      skipped = true
      at += 2
      if (at < end && bytes[at] === colon) return false
      continue
    }
    if (at > start && bytes[at] === colon) at++
    const from = at
    while (at < end && ((kinds[bytes[at] as number] as number) & 4) !== 0) at++
    if (at < end && bytes[at] === dot) {
      groups += 2
      return isAddress4(bytes, from, end) && (skipped ? groups <= 7 : groups === 8)
    }
    if (at === from || at - from > 4 || (at < end && bytes[at] !== colon)) return false
    groups++
  }
  return skipped ? groups <= 7 : groups === 8
}

/** Whether these bytes are an IPv4 address in four decimal parts. */
export function isAddress4(bytes: Uint8Array, start: number, end: number): boolean {
  let parts = 0
  let at = start
  while (at < end) {
    let value = 0
    const from = at
    while (at < end && ((kinds[bytes[at] as number] as number) & 2) !== 0) {
      value = value * 10 + (bytes[at++] as number) - 48
    }
    if (at === from || at - from > 3 || value > 255) return false
    parts++
    if (at < end && bytes[at++] !== dot) return false
    if (at === end && bytes[at - 1] === dot) return false
  }
  return parts === 4
}
