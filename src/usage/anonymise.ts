/**
 * A visit becomes an allow-listed record: the day, hour and weekday on the wall clock of the policy's time zone, the
 * reduced source, and a token that stands for the session during this run. Nothing else of a visit gets past here, and
 * the token never leaves the tally.
 *
 * A session is the id that the host gave; in a log file, which has none, it is host plus user agent, in a day (design
 * §8). The token of a day differs from that of every other day, so nobody can be followed from one day to the next.
 */

import { dayIn, hourIn, instant } from '../calendar.ts'
import type { CalendarDate } from '../environment.ts'
import type { StoredVisit } from '../store.ts'
import { type KeyedHash, type Token, tags } from './hash.ts'
import type { Identifiers } from './identifiers.ts'
import { ByteMemo } from './memo.ts'
import type { VisitSource } from './model.ts'
import type { LineParser } from './parse.ts'
import { sourceOf } from './referrer.ts'
import { TokenTable } from './tokens.ts'

/** An hour of a day. The same object for the same quarter of an hour, so that it can be a key. */
export interface Slot {
  readonly day: CalendarDate
  readonly hour: number
  /** 1, Monday, to 7, Sunday. */
  readonly weekday: number
  /** Stands for the day. */
  readonly token: Token
}

/** What is left of a visit. */
export interface Anonymous {
  slot: Slot
  source: VisitSource
  /** Stands for the session on that day. */
  lo: number
  hi: number
}

/** What an anonymiser needs; `identifiers` collects those of the batch for the guard. */
export interface AnonymiserOptions {
  readonly timeZone: string
  readonly sites: readonly string[]
  readonly hash: KeyedHash
  readonly identifiers: Identifiers
}

/** No zone shifts its clock between two quarters of an hour of UTC. */
const quarter = 900_000
const rememberedSlots = 4_096
const decoder = new TextDecoder('latin1')

/** Anonymises visits. What it returns is one object, overwritten by the next call. */
export class Anonymiser {
  readonly #options: AnonymiserOptions
  readonly #out: Anonymous
  readonly #slots = new Map<number, Slot>()
  #quarter = -1
  #slot: Slot
  readonly #hosts: ByteMemo<Token>
  readonly #known = new TokenTable()
  readonly #agents: ByteMemo<Token>
  readonly #sources: ByteMemo<VisitSource>

  constructor(options: AnonymiserOptions) {
    const { hash, identifiers, sites } = options
    this.#options = options
    this.#slot = this.#slotAt(0)
    this.#out = { slot: this.#slot, source: 'unknown', lo: 0, hi: 0 }
    this.#hosts = new ByteMemo({
      places: 16_384,
      width: 48,
      make: (bytes, start, end) => {
        const token = hash.bytes([tags.host], bytes, start, end)
        const known = this.#known.size
        // Reading an address costs more than the rest of a line: once per host, however often it is forgotten here.
        if (this.#known.add(token.lo, token.hi) === known) {
          identifiers.addHost(decoder.decode(bytes.subarray(start, end)))
        }
        return token
      },
    })
    this.#agents = new ByteMemo({
      places: 4_096,
      width: 320,
      make: (bytes, start, end) => hash.bytes([tags.agent], bytes, start, end),
    })
    this.#sources = new ByteMemo({
      places: 8_192,
      width: 128,
      make: (bytes, start, end) => sourceOf(decoder.decode(bytes.subarray(start, end)), sites),
    })
  }

  /** The line that the parser has just read from `bytes`. */
  line(bytes: Uint8Array, line: LineParser): Anonymous {
    const out = this.#out
    out.slot = this.#slotAt(line.time)
    out.source = this.#sources.of(bytes, line.referrerStart, siteEnd(bytes, line))
    const host = this.#hosts.of(bytes, line.hostStart, line.hostEnd)
    const agent = this.#agents.of(bytes, line.agentStart, line.agentEnd)
    // Each of the three is an independent pseudorandom value, so two sums meet no more often than two hashes do.
    const day = out.slot.token
    out.lo = day.lo ^ host.lo ^ agent.lo
    out.hi = day.hi ^ host.hi ^ agent.hi
    return out
  }

  /** A visit of the visit log. */
  visit(visit: StoredVisit): Anonymous {
    const { hash, identifiers, sites } = this.#options
    if (visit.ip !== null) identifiers.addHost(visit.ip)
    if (visit.host !== null) identifiers.addHost(visit.host)
    identifiers.addSession(visit.session)
    const slot = this.#slotAt(Date.parse(visit.at))
    const { lo, hi } = hash.text([tags.session, slot.token.lo, slot.token.hi], visit.session)
    return Object.assign(this.#out, { slot, source: sourceOf(visit.source, sites), lo, hi })
  }

  #slotAt(milliseconds: number): Slot {
    const nth = Math.floor(milliseconds / quarter)
    if (nth === this.#quarter) return this.#slot
    this.#quarter = nth
    this.#slot = this.#slots.get(nth) ?? this.#remember(nth)
    return this.#slot
  }

  #remember(nth: number): Slot {
    const { timeZone, hash } = this.#options
    const at = instant(nth * quarter)
    const day = dayIn(timeZone, at)
    const sunday = new Date(`${day}T00:00:00.000Z`).getUTCDay()
    const slot = { day, hour: hourIn(timeZone, at), weekday: sunday || 7, token: hash.text([tags.day], day) }
    // A hostile log may name any moment there is: what is remembered stays bounded.
    if (this.#slots.size >= rememberedSlots) this.#slots.clear()
    this.#slots.set(nth, slot)
    return slot
  }
}

/** Where the scheme and host of a line's referrer end: what follows them says nothing about the source. */
function siteEnd(bytes: Uint8Array, { referrerStart, referrerEnd }: LineParser): number {
  let slashes = 0
  for (let at = referrerStart; at < referrerEnd; at++) {
    const byte = bytes[at]
    if ((byte === 47 && ++slashes === 3) || byte === 63 || byte === 35) return at
  }
  return referrerEnd
}
