/**
 * Which server may be used: one that has transactions (a replica set, or mongos before shards), and that is reached
 * encrypted or on this machine. What the client was told to connect to is judged before anything is connected; the
 * members that the server then names, to which the driver goes on by itself, when it is first used and again after
 * each failure. An address that is looked up by name (mongodb+srv) or through a proxy leaves this machine.
 */

import { StoreFailure } from '../../src/errors.ts'
import { checkPeers, type Peer, type PlaintextConsent } from '../plaintext.ts'
import type { Doc, MongoDatabase } from './driver.ts'

/** The options of the driver's client that tell where it connects to. */
interface ClientOptions {
  readonly hosts?: unknown
  readonly srvHost?: unknown
  readonly proxyHost?: unknown
  readonly tls?: unknown
  readonly directConnection?: unknown
}

const optionsOf = ({ client }: MongoDatabase): ClientOptions =>
  Object((client as { readonly options?: unknown }).options)

/** @throws StoreFailure `store.insecure` */
export function checkAddress(database: MongoDatabase, consent: PlaintextConsent | undefined): void {
  const { hosts, srvHost, proxyHost, tls } = optionsOf(database)
  const named = [srvHost, proxyHost].filter((each) => each !== undefined).map(String)
  const peers = Array.isArray(hosts) ? [...hosts.map(hostOf), ...named].map(peer(tls)) : null
  checkPeers(peers, consent)
}

/**
 * Checks what a server says of itself; gives why it cannot be used, or `null`.
 * @throws StoreFailure `store.insecure`
 */
export function checkHello(
  database: MongoDatabase,
  of: { readonly hello: Doc; readonly consent: PlaintextConsent | undefined },
): string | null {
  const { hello, consent } = of
  const { tls, directConnection } = optionsOf(database)
  const members = [hello['hosts'], hello['passives'], hello['arbiters']].flatMap((each) => each ?? [])
  const hosts = members.map((each) => String(each).replace(/:\d+$/, ''))
  if (directConnection !== true) checkPeers(hosts.map(peer(tls)), consent)
  return hello['setName'] !== undefined || hello['msg'] === 'isdbgrid' ? null : lone
}

const hostOf = (address: { readonly host?: unknown; readonly socketPath?: unknown }): string =>
  String(address.socketPath ?? address.host ?? '')

const lone =
  'a lone MongoDB server has no transactions: start it with --replSet and run rs.initiate() once, one member is enough'

const peer =
  (tls: unknown) =>
  (host: string): Peer => ({ host, encrypted: tls === true })

/** The error for a server that cannot be used. */
export const unsupported = (why: string): StoreFailure => new StoreFailure('store.unsupported', why)
