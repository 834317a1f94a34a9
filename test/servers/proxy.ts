/** A TCP proxy that breaks connections where a test asks for it: before a message is passed on, or after its effect. */

import { connect, createServer, type Socket } from 'node:net'

/** A proxy that is running. */
export interface FaultyProxy {
  readonly port: number
  /**
   * Breaks each connection on which the client says something that holds `text`: `before` it reaches the server, or
   * `after` the server has answered, whose answer is lost. For so many times.
   */
  cut(when: 'before' | 'after', text: string, times?: number): void
  /** How many more connections it will break. */
  left(): number
  stop(): Promise<void>
}

/** Starts a proxy to a port of this machine. */
export async function startProxy(to: number): Promise<FaultyProxy> {
  let plan = { when: 'before' as 'before' | 'after', text: '', left: 0 }
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(to, '127.0.0.1')
    let losing = false
    const end = (): void => {
      client.destroy()
      upstream.destroy()
    }
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', end).on('close', () => {
        sockets.delete(socket)
        end()
      })
    }
    client.on('data', (chunk) => {
      const hit = plan.left > 0 && chunk.includes(plan.text)
      if (hit) plan.left--
      if (hit && plan.when === 'before') return end()
      losing ||= hit
      upstream.write(chunk)
    })
    upstream.on('data', (chunk) => (losing ? end() : client.write(chunk)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    cut: (when, text, times = 1) => {
      plan = { when, text, left: times }
    },
    left: () => plan.left,
    stop: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
