/**
 * The identifiers of a batch (addresses, host names, session ids) as keyed hashes, so that a text can be asked
 * whether it gives one of them away, in memory of twelve bytes each and without keeping any of them.
 *
 * A text is asked by taking it apart: whatever stands in it between two marks could be a session id, and whatever in
 * it reads as an address (dotted or dashed, forwards or backwards, padded, decimal, hexadecimal, IPv6 with any
 * separator) is written as an address and looked up. "124.0.0.0", a browser version, is thus no find unless a visitor
 * had that address. A digest cannot be looked up, so whatever looks like one counts as a find.
 */

import ipaddr from 'ipaddr.js'
import { type KeyedHash, type Token, tags } from './hash.ts'
import { TokenTable } from './tokens.ts'

/** What a text gives away. */
export type IdentifierKind = 'address' | 'host' | 'session' | 'digest'

/** The identifiers of a batch. Sensitive as long as the key exists. */
export class Identifiers {
  readonly #hash: KeyedHash
  readonly #addresses = new TokenTable()
  readonly #hosts = new TokenTable()
  readonly #sessions = new TokenTable()

  constructor(hash: KeyedHash) {
    this.#hash = hash
  }

  /** An address in any spelling; a text that is none is taken as a host name. */
  addHost(text: string): void {
    const host = text.toLowerCase().replace(/\.$/, '')
    const spellings = addressSpellings(host)
    if (spellings.length === 0) this.#add(this.#hosts, host)
    for (const spelling of spellings) this.#add(this.#addresses, spelling)
  }

  addSession(text: string): void {
    this.#add(this.#sessions, text)
  }

  /** Adds the identifiers of another batch of the same run. */
  absorb(other: Identifiers): void {
    this.#addresses.absorb(other.#addresses)
    this.#hosts.absorb(other.#hosts)
    this.#sessions.absorb(other.#sessions)
  }

  /**
   * What a text gives away, or `null`. A host name counts only as the whole text: a visitor's host `fi` or `elisa.fi`
   * must not make every Finnish source unpublishable, and `dsl-1.elisa.fi` cannot be read out of `elisa.fi`.
   */
  traceIn(text: string): IdentifierKind | null {
    if (this.#has(this.#hosts, text.toLowerCase().replace(/\.$/, ''))) return 'host'
    if (addressesIn(text).some((address) => this.#has(this.#addresses, address))) return 'address'
    if (partsOf(text).some((part) => this.#has(this.#sessions, part))) return 'session'
    return digestLike.test(text) ? 'digest' : null
  }

  #add(table: TokenTable, text: string): void {
    const { lo, hi } = this.#token(text)
    table.add(lo, hi)
  }

  #has(table: TokenTable, text: string): boolean {
    return table.has(this.#token(text))
  }

  #token(text: string): Token {
    return this.#hash.text([tags.identity], text)
  }
}

/** 128 bits or more in hexadecimal: MD5, SHA-1 and SHA-2 of an identifier all look like this. */
const digestLike = /[0-9a-f]{32}/i

/** An IPv4 address in canonical form. */
const dottedDecimal = /^(?:(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(?:\.(?!$)|$)){4}$/

/** An address as it is looked up: canonical, and without the IPv4-mapped form around an IPv4 address. */
function addressSpellings(text: string): string[] {
  if (!text.includes(':')) {
    const dotted = text.replace(/(^|\.)0+(?=[0-9])/g, '$1')
    return dottedDecimal.test(dotted) ? [dotted] : []
  }
  const bare = text.replace(/%.*$/, '')
  if (!ipaddr.IPv6.isValid(bare)) return []
  const parsed = ipaddr.IPv6.parse(bare)
  const written = parsed.toRFC5952String()
  return parsed.isIPv4MappedAddress() ? [written, parsed.toIPv4Address().toString()] : [written]
}

/** Everything in a text that reads as an address, written canonically. */
function addressesIn(text: string): string[] {
  return [...fourParts(text), ...numbers(text), ...sixteenBytes(text)].flatMap(addressSpellings)
}

/** Four decimal numbers in a row with one mark between them, forwards and backwards. */
function fourParts(text: string): string[] {
  const found = text.matchAll(
    /(?=(?<![0-9])([0-9]{1,3})[^0-9a-z]([0-9]{1,3})[^0-9a-z]([0-9]{1,3})[^0-9a-z]([0-9]{1,3})(?![0-9]))/gi,
  )
  return [...found].flatMap(([, a, b, c, d]) =>
    [
      [a, b, c, d],
      [d, c, b, a],
    ].map((parts) => parts.map(Number).join('.')),
  )
}

/** One number: twelve digits padded, decimal, or eight hexadecimal digits. */
function numbers(text: string): string[] {
  const padded = [...text.matchAll(/(?<![0-9])([0-9]{3})([0-9]{3})([0-9]{3})([0-9]{3})(?![0-9])/g)]
  const decimal = [...text.matchAll(/(?<![0-9])[0-9]{1,10}(?![0-9])/g)].map(([digits]) => Number(digits))
  const hexadecimal = [...text.matchAll(/(?<![0-9a-f])(?:0x)?([0-9a-f]{8})(?![0-9a-f])/gi)].map(
    ([, digits]) => Number.parseInt(digits ?? '', 16),
  )
  return [
    ...padded.map(([, ...parts]) => parts.map(Number).join('.')),
    ...[...decimal, ...hexadecimal].filter((value) => value <= 0xffff_ffff).map(dotted),
  ]
}

const dotted = (value: number): string => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.')

/** IPv6 with colons, or with another mark in their place. */
const sixteenBytes = (text: string): string[] =>
  [...text.matchAll(/[0-9a-f:_-]{2,}/gi)].map(([run]) =>
    run.replace(/[_-]/g, ':').replace(/^:(?!:)|(?<!:):$/g, ''),
  )

/** Whatever stands between two marks of a text, the text itself included. */
function partsOf(text: string): string[] {
  const edges = [...text.matchAll(/[A-Za-z0-9]+/g)]
  return [
    text,
    ...edges.flatMap((from, i) =>
      edges.slice(i).map((to) => text.slice(from.index, to.index + to[0].length)),
    ),
  ]
}
