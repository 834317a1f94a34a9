/** Bytes as text that people type (RFC 4648 §6, without padding), in that alphabet or in one without look-alikes. */

const rfc4648 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
/** Crockford's: no I, L, O and U. */
export const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** Bytes in base32; the last bits are filled up with zeros. */
export function toBase32(bytes: Uint8Array, alphabet: string = rfc4648): string {
  let text = ''
  let bits = 0
  let value = 0
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xfff
    for (bits += 8; bits >= 5; bits -= 5) text += alphabet.charAt((value >> (bits - 5)) & 31)
  }
  return bits > 0 ? text + alphabet.charAt((value << (5 - bits)) & 31) : text
}
