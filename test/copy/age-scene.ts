/** What the tests of encrypted dumps share: bytes, in pieces, and what comes of them. */

import { dumpStore } from '@pilvi/privacy'
import { encryptDump, makeIdentity } from '@pilvi/privacy/age'
import { filled } from './scene.ts'

export type Bytes = Uint8Array<ArrayBuffer>

/** All that comes. */
export async function whole(parts: AsyncIterable<Uint8Array>): Promise<Bytes> {
  const all: Uint8Array[] = []
  for await (const part of parts) all.push(part)
  return new Uint8Array(Buffer.concat(all))
}

/** In pieces of a size. */
export function* cut(bytes: Uint8Array, size = 10_000): Generator<Uint8Array> {
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size)
}

export const both = (...parts: readonly Uint8Array[]): Bytes => new Uint8Array(Buffer.concat(parts))

export const latin = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

/** Where the header ends (age v1: the line of the MAC), and where the chunks begin (a nonce of 16 bytes is between). */
export function layout(file: Uint8Array): { readonly header: number; readonly chunks: number } {
  const mac = latin(file).indexOf('\n--- ') + 1
  const header = latin(file).indexOf('\n', mac) + 1
  return { header, chunks: header + 16 }
}

/** A chunk of 64 KiB and its tag. */
export const chunk = 65_552

/** A dump of some chunks, encrypted to one recipient. */
export async function encryptedScene() {
  const { store, backing } = await filled()
  const keys = await makeIdentity()
  const file = await whole(encryptDump(dumpStore(store), { recipients: [keys.recipient] }))
  return { store, backing, keys, file, identities: [keys.identity] }
}
