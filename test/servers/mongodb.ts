/**
 * A MongoDB server for the tests, in this order: `MONGODB_URI`, where it is given; on Debian as root the DocumentDB
 * engine behind a gateway that speaks the wire protocol; otherwise none, and the tests say how to run them.
 *
 * The engine has no change streams, no authentication and no TLS. It does have unique and partial indexes,
 * compare-and-set, and transactions with write conflicts, which is what the store's tests are about.
 */

import type { TestProject } from 'vitest/node'
import { startEngine } from './mongodb/engine.ts'
import { type Gateway, startGateway } from './mongodb/gateway.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the tests' MongoDB is, and whether it is an engine of ours; without one, why there is none. */
    mongo: { readonly url: string; readonly engine: 'ours' | 'given' } | { readonly none: string }
  }
}

/** An engine and its gateway, which live and die together. */
export interface MongoServer {
  readonly url: string
  /** Ends both at once, in the middle of whatever they do. */
  kill(): Promise<void>
  /** Starts both again in the same place, with the same data. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/** The vitest global set-up. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['MONGODB_URI']
  if (given) {
    project.provide('mongo', { url: given, engine: 'given' })
    return async () => {}
  }
  try {
    const server = await startMongo()
    project.provide('mongo', { url: server.url, engine: 'ours' })
    return server.stop
  } catch (error) {
    project.provide('mongo', { none: (error as Error).message })
    return async () => {}
  }
}

/** Starts a server without data. @throws Error where there can be none */
export async function startMongo(): Promise<MongoServer> {
  const engine = await startEngine()
  let gateway: Gateway
  try {
    gateway = await startGateway(engine.port)
  } catch (error) {
    await engine.stop()
    throw error
  }
  const { url } = gateway
  const port = Number(new URL(url).port)
  return {
    url,
    async kill() {
      await engine.kill()
      await gateway.stop()
    },
    async restart() {
      await engine.restart()
      gateway = await startGateway(engine.port, port)
    },
    async stop() {
      await gateway.stop()
      await engine.stop()
    },
  }
}
