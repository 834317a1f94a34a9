/**
 * A MongoDB server as drivers see one: a port that speaks the wire protocol in front of the DocumentDB engine. It
 * calls itself mongos, because that is what it is like: a way to data that lie elsewhere. What it cannot know, whether
 * something took effect in an engine that went away, it answers as a server does that goes away: not at all.
 */

import { createServer, type Server, type Socket } from 'node:net'
import { Commands } from './commands.ts'
import { type Doc, messages, parse } from './wire.ts'

/** A gateway that is running. */
export interface Gateway {
  /** What a driver connects to. */
  readonly url: string
  stop(): Promise<void>
}

const hello = (connectionId: number): Doc => ({
  helloOk: true,
  isWritablePrimary: true,
  ismaster: true,
  msg: 'isdbgrid',
  maxBsonObjectSize: 16_777_216,
  maxMessageSizeBytes: 48_000_000,
  maxWriteBatchSize: 100_000,
  localTime: new Date(),
  logicalSessionTimeoutMinutes: 30,
  connectionId,
  minWireVersion: 0,
  maxWireVersion: 21,
  readOnly: false,
  ok: 1,
})

/** Starts a gateway to the engine that listens on this port of this machine; on `port`, or on any. */
export async function startGateway(enginePort: number, port = 0): Promise<Gateway> {
  const commands = new Commands(enginePort)
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    serve(socket, commands, ++connections)
  })
  const at = await listening(server, port)
  return {
    url: `mongodb://127.0.0.1:${at}/?retryWrites=false`,
    async stop() {
      server.close()
      for (const socket of sockets) socket.destroy()
      await commands.stop()
    },
  }
}

function serve(socket: Socket, commands: Commands, id: number): void {
  let buffer: Buffer = Buffer.alloc(0)
  let turn: Promise<void> = Promise.resolve()
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: Buffer) => {
    const { found, rest } = messages(Buffer.concat([buffer, chunk]))
    buffer = rest
    for (const bytes of found) {
      turn = turn.then(() => answer(socket, commands, { bytes, id })).catch(() => void socket.destroy())
    }
  })
}

async function answer(
  socket: Socket,
  commands: Commands,
  { bytes, id }: { readonly bytes: Buffer; readonly id: number },
): Promise<void> {
  const message = parse(bytes)
  const name = Object.keys(message.command)[0]?.toLowerCase()
  const greeting = name === 'hello' || name === 'ismaster'
  const reply = message.answer(greeting ? hello(id) : await commands.run(message.command))
  if (reply !== null) socket.write(reply)
}

const listening = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
