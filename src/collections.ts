/**
 * The collections the library keeps, in one table, so that adapters can make them before any service exists.
 * The domain named beside each makes and changes its records; to others it offers the changes for their commit.
 */

import type { Change, Collection } from './store.ts'

const records = (name: string, indexes: Collection['indexes'] = {}): Collection => ({
  name,
  kind: 'records',
  indexes,
})
const streams = (name: string): Collection => ({ name, kind: 'streams', indexes: {} })

export const collections = {
  /** One per subject: what decisions need, or that the subject was erased (consent). */
  standings: records('standings', { erased: ['erasedUntil'] }),
  /** Consents, refusals, withdrawals and denials, one stream per subject (consent). */
  consents: streams('consents'),
  /** What is known about customers, and their customers and prospects (register). */
  register: records('register', { group: ['group'] }),
  /** What changed in a register record, one below it for each time (register). */
  corrections: records('corrections'),
  /** Disclosures made, one stream per subject (disclosure). */
  disclosures: streams('disclosures'),
  /** Partners' products that customers connected and took away, one stream per subject (disclosure). */
  links: streams('links'),
  /** Versions of the policy, whole, under the system tenant (notices). */
  policies: records('policies', { digest: ['digest'], date: ['policyId', 'date'] }),
  /** Who was shown or told of a version, one per subject and version (notices). */
  notices: records('notices'),
  /** Rights requests with their plan and progress (requests). */
  requests: records('requests', { state: ['state', 'receivedAt'], subject: ['subjectDigest'] }),
  /** What was kept under an exemption, until its date (requests). */
  kept: records('kept', { until: ['until'] }),
  /** Second factors, recovery codes and trusted devices, each below its subject (mfa). */
  factors: records('factors'),
  /** Challenges that await an answer, each below its subject (mfa). */
  challenges: records('challenges'),
  /** Proofs of a step-up that have not been used, each below its subject (mfa). */
  proofs: records('proofs'),
  /** Administrative resets of second factors, each below its subject (mfa). */
  resets: records('resets', { id: ['id'] }),
  /** One per subject: failed attempts across all factors (mfa). */
  attempts: records('attempts'),
  /** Statistics as published, never changed (usage). */
  publications: records('publications'),
  /** Data keys, digest keys and signing keys, all wrapped; the keyring and the counts of its wraps (keys). */
  keys: records('keys', { shredding: ['shredding'] }),
  /** Keyed digests by which register fields are found, below the digest of their subject and their category (keys). */
  lookups: records('lookups', { digest: ['digest'] }),
  /** What an erasure kept of people who were reopened since, as it lay, below that erasure (sources). */
  aside: records('aside'),
  /** Ledger entries that wait for their place in the stream (ledger). */
  pending: records('pending'),
  /** The ledger, one stream per tenant (ledger). */
  ledger: streams('ledger'),
  /** The signed head of each tenant's ledger (ledger). */
  heads: records('heads'),
  /** The tenants there are (tenants), and the fingerprints of digest keys (keys), under the system tenant. */
  tenants: records('tenants'),
} as const satisfies Record<string, Collection>

/** What register and consent write, with the lookups of it and the ledger's entries about it. */
const transactional: ReadonlySet<string> = new Set(
  [
    collections.register,
    collections.corrections,
    collections.lookups,
    collections.standings,
    collections.consents,
    collections.pending,
  ].map(({ name }) => name),
)

/**
 * Whether a change may be part of a transaction of the host's, which may be rolled back. Of the keys only a subject's
 * new data keys: neither secrets of the installation, which processes keep in memory, nor the destruction of a key.
 */
export function isTransactional(change: Change): boolean {
  const { collection, key } =
    'put' in change ? change.put : 'append' in change ? change.append : change.remove
  if (collection !== collections.keys.name) return transactional.has(collection)
  return 'put' in change && change.expect === 'absent' && key.split('/')[1] === 'data'
}

/** All of them, as an adapter takes them. */
export const libraryCollections: readonly Collection[] = Object.values(collections)
