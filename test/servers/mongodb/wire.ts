/**
 * The MongoDB wire protocol, as far as drivers use it: OP_MSG (2013), and OP_QUERY (2004) for the first hello. A
 * message becomes a command document with its document sequences put in as arrays, and a reply the other way round.
 */

import { BSON } from 'mongodb'

/** A document as BSON carries it. */
export type Doc = Record<string, unknown>

const [opReply, opQuery, opMsg] = [1, 2004, 2013]
const moreToCome = 2

/** A command, and how to answer it. */
export interface Message {
  readonly command: Doc
  /** The bytes of the answer, or nothing where none is wanted. */
  answer(reply: Doc): Buffer | null
}

export const toBson = (doc: Doc): Buffer => Buffer.from(BSON.serialize(doc))

/** Numbers keep their BSON types, so that what is passed on is what was sent. */
export const fromBson = (bytes: Uint8Array): Doc =>
  BSON.deserialize(bytes, { promoteValues: false, promoteLongs: false, bsonRegExp: true })

/** Cuts whole messages off the front of a buffer; gives them and the rest. */
export function messages(buffer: Buffer): { found: Buffer[]; rest: Buffer } {
  const found: Buffer[] = []
  let rest = buffer
  while (rest.length >= 16 && rest.length >= rest.readInt32LE(0)) {
    found.push(rest.subarray(0, rest.readInt32LE(0)))
    rest = rest.subarray(rest.readInt32LE(0))
  }
  return { found, rest }
}

/** @throws Error for an operation that no driver of today sends */
export function parse(bytes: Buffer): Message {
  const id = bytes.readInt32LE(4)
  const operation = bytes.readInt32LE(12)
  if (operation === opQuery) return parseQuery(bytes, id)
  if (operation !== opMsg) throw new Error(`operation ${operation}`)
  const silent = (bytes.readUInt32LE(16) & moreToCome) !== 0
  return { command: parseSections(bytes), answer: (reply) => (silent ? null : encodeMsg(reply, id)) }
}

function parseQuery(bytes: Buffer, id: number): Message {
  const name = bytes.indexOf(0, 20) + 1
  const start = name + 8
  return {
    command: fromBson(bytes.subarray(start, start + bytes.readInt32LE(start))),
    answer: (reply) => encodeReply(reply, id),
  }
}

function parseSections(bytes: Buffer): Doc {
  let command: Doc = {}
  const sequences: Doc = {}
  for (let at = 20; at < bytes.length; ) {
    const kind = bytes[at++]
    const section = bytes.subarray(at, at + bytes.readInt32LE(at))
    if (kind === 0) command = fromBson(section)
    else Object.assign(sequences, parseSequence(section))
    at += section.length
  }
  return { ...command, ...sequences }
}

function parseSequence(section: Buffer): Doc {
  const end = section.indexOf(0, 4)
  const docs: Doc[] = []
  for (let at = end + 1; at < section.length; at += section.readInt32LE(at)) {
    docs.push(fromBson(section.subarray(at, at + section.readInt32LE(at))))
  }
  return { [section.toString('utf8', 4, end)]: docs }
}

let lastId = 0

function header(length: number, to: { readonly id: number; readonly operation: number }): Buffer {
  const bytes = Buffer.alloc(length)
  bytes.writeInt32LE(++lastId & 0x7fffffff, 4)
  bytes.writeInt32LE(to.id, 8)
  bytes.writeInt32LE(to.operation, 12)
  return bytes
}

function encodeMsg(reply: Doc, id: number): Buffer {
  const body = toBson(reply)
  const head = header(21, { id, operation: opMsg })
  head.writeInt32LE(21 + body.length, 0)
  return Buffer.concat([head, body])
}

function encodeReply(reply: Doc, id: number): Buffer {
  const body = toBson(reply)
  const head = header(36, { id, operation: opReply })
  head.writeInt32LE(36 + body.length, 0)
  head.writeInt32LE(8, 16) // AwaitCapable
  head.writeInt32LE(1, 32) // one document
  return Buffer.concat([head, body])
}
