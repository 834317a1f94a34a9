/**
 * Whether a connection may be used: personal data travel encrypted, or not beyond this machine (Pilvi policy,
 * "Security"). What cannot be told is refused. The way around it has to be spelled out in the options.
 */

import { StoreFailure } from '../src/errors.ts'

/** The words that allow a connection that is not encrypted, for a network that is secured by other means. */
export type PlaintextConsent = 'the network is trusted'

/** One end of a connection, as far as a driver tells. */
export interface Peer {
  /** A host name, an address, or the path of a socket. */
  readonly host: string
  readonly encrypted: boolean
}

/** Refuses a connection that carries plaintext off this machine. @throws StoreFailure `store.insecure` */
export function checkPeers(peers: readonly Peer[] | null, consent: PlaintextConsent | undefined): void {
  if (consent === 'the network is trusted') return
  if (peers === null) {
    throw new StoreFailure('store.insecure', `cannot tell whether the connection is encrypted: ${remedy}`)
  }
  if (peers.some((peer) => !peer.encrypted && !isLoopback(peer.host))) {
    throw new StoreFailure('store.insecure', `the connection is not encrypted: ${remedy}`)
  }
}

const remedy = "use TLS, or give allowPlaintext: 'the network is trusted'"

/** Whether a host is this machine: a loopback address, `localhost`, or the path of a socket. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, '$1')
  return name.startsWith('/') || name === 'localhost' || name === '::1' || /^127(\.\d{1,3}){3}$/.test(name)
}
