/**
 * A keyed 64-bit hash, SipHash-2-4 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012): what stands in
 * for sessions, hosts and cells during one tally run.
 *
 * Why not HMAC or BLAKE from a library: a log reader hashes something on most lines, those cost four to seven
 * microseconds a call here, and that alone is several times the whole budget of a line. SipHash is a pseudorandom
 * function under its 128-bit key: without the key a hash says nothing about what was hashed, and nobody can choose
 * inputs that collide. The key lives in memory for one run and is never stored (design §8).
 *
 * Every message begins with four 32-bit words, a tag first, so that hashes for different uses never meet. Two inputs
 * share a hash by chance with probability 2^-64; that can only lower a published count, never raise it.
 */

/** 64 bits as two signed words. */
export interface Token {
  readonly lo: number
  readonly hi: number
}

/** What a hash is for: the first word of its message. */
export const tags = { run: 1, day: 2, host: 3, agent: 4, session: 5, identity: 6, cell: 7, memo: 8 } as const

const nothing = new Uint8Array(0)
const encoder = new TextEncoder()

/** A keyed hash. It keeps nothing of what it hashed. */
export class KeyedHash {
  readonly #key: Int32Array
  /** The state: v0, v1, v2, v3, low word before high word. */
  readonly #v = new Int32Array(8)

  /** `key`: 16 secret bytes. */
  constructor(key: Uint8Array) {
    const view = new DataView(key.buffer, key.byteOffset, key.byteLength)
    this.#key = Int32Array.from([0, 4, 8, 12], (at) => view.getInt32(at, true))
  }

  /** The hash of four words, then the UTF-8 of a text. */
  text(head: readonly [tag: number, a?: number, b?: number, c?: number], text: string): Token {
    return this.bytes(head, encoder.encode(text))
  }

  /** The hash of four words (those left out are 0), then the bytes from `start` up to `end`. */
  bytes(
    head: readonly [tag: number, a?: number, b?: number, c?: number],
    bytes: Uint8Array = nothing,
    start = 0,
    end = bytes.length,
  ): Token {
    this.#begin()
    this.#block(head[0], head[1] ?? 0)
    this.#block(head[2] ?? 0, head[3] ?? 0)
    const rest = end - ((end - start) % 8)
    for (let at = start; at < rest; at += 8) this.#block(word(bytes, at, 4), word(bytes, at + 4, 4))
    const low = Math.min(end - rest, 4)
    const high = end - rest - low
    // The last block carries the length of the message in its top byte.
    this.#block(word(bytes, rest, low), word(bytes, rest + 4, high) | ((16 + end - start) << 24))
    return this.#finish()
  }

  #begin(): void {
    const [k0 = 0, k1 = 0, k2 = 0, k3 = 0] = this.#key
    const v = this.#v
    v[0] = k0 ^ 0x70736575
    v[1] = k1 ^ 0x736f6d65
    v[2] = k2 ^ 0x6e646f6d
    v[3] = k3 ^ 0x646f7261
    v[4] = k0 ^ 0x6e657261
    v[5] = k1 ^ 0x6c796765
    v[6] = k2 ^ 0x79746573
    v[7] = k3 ^ 0x74656462
  }

  #block(lo: number, hi: number): void {
    const v = this.#v
    v[6] = (v[6] as number) ^ lo
    v[7] = (v[7] as number) ^ hi
    this.#rounds(2)
    v[0] = (v[0] as number) ^ lo
    v[1] = (v[1] as number) ^ hi
  }

  #finish(): Token {
    const v = this.#v
    v[4] = (v[4] as number) ^ 0xff
    this.#rounds(4)
    return {
      lo: (v[0] as number) ^ (v[2] as number) ^ (v[4] as number) ^ (v[6] as number),
      hi: (v[1] as number) ^ (v[3] as number) ^ (v[5] as number) ^ (v[7] as number),
    }
  }

  /** A SipRound is one half twice: the second time v0 and v2 have changed places and the rotations differ. */
  #rounds(count: number): void {
    for (let i = 0; i < count; i++) {
      this.#half(0, 4, 13, 16)
      this.#half(4, 0, 17, 21)
    }
  }

  /** a += b, b = rotl(b, r) ^ a, a = rotl(a, 32), and c += d, d = rotl(d, s) ^ c; b is v1 and d is v3. */
  #half(a: number, c: number, r: number, s: number): void {
    const v = this.#v
    const [b, bh, d, dh] = [v[2] as number, v[3] as number, v[6] as number, v[7] as number]
    const al = ((v[a] as number) + b) | 0
    const ah = ((v[a + 1] as number) + bh + carry(al, b)) | 0
    const cl = ((v[c] as number) + d) | 0
    v[c + 1] = ((v[c + 1] as number) + dh + carry(cl, d)) | 0
    v[2] = ((b << r) | (bh >>> (32 - r))) ^ al
    v[3] = ((bh << r) | (b >>> (32 - r))) ^ ah
    v[6] = ((d << s) | (dh >>> (32 - s))) ^ cl
    v[7] = ((dh << s) | (d >>> (32 - s))) ^ (v[c + 1] as number)
    v[a] = ah
    v[a + 1] = al
    v[c] = cl
  }
}

const carry = (sum: number, addend: number): number => (sum >>> 0 < addend >>> 0 ? 1 : 0)

/** `count` bytes as a little-endian word. */
function word(bytes: Uint8Array, at: number, count: number): number {
  let read = 0
  for (let i = 0; i < count; i++) read |= (bytes[at + i] as number) << (8 * i)
  return read
}
