/** CBOR (RFC 8949), the part of it that authenticators write: integers, bytes, text, arrays and maps, in shortest form. */

export type Cbor = number | string | Uint8Array | readonly Cbor[] | ReadonlyMap<number | string, Cbor>

/** A value as CBOR; maps keep their order, so that a test can write what no authenticator would. */
export function cbor(value: Cbor): Buffer {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value)
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value])
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)])
  if (value instanceof Map) return Buffer.concat([head(5, value.size), ...[...value].flat().map(cbor)])
  const items = [...(value as readonly Cbor[])]
  return Buffer.concat([head(4, items.length), ...items.map(cbor)])
}

/** The major type and a length or value of at most 32 bits. */
function head(major: number, argument: number): Buffer {
  const type = major << 5
  if (argument < 24) return Buffer.from([type | argument])
  if (argument < 0x100) return Buffer.from([type | 24, argument])
  const long = argument >= 0x10000
  const bytes = Buffer.alloc(long ? 5 : 3, type | (long ? 26 : 25))
  if (long) bytes.writeUInt32BE(argument, 1)
  else bytes.writeUInt16BE(argument, 1)
  return bytes
}
