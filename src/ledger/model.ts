/**
 * The ledger: an append-only, tamper-evident record of what was done, by whom, about which record, on which rule.
 * It holds ids, keyed digests and counts, never a personal value (design §5.8).
 *
 * An act's entry is a `put, expect absent` in the act's own commit, so no act waits for another; `sequence` moves
 * what waits into the tenant's stream, and `verify` says how much still waits.
 */

import * as z from 'zod'
import type { Instant } from '../environment.ts'
import { instantParser } from '../parsing.ts'

/** Who did it. The host says who; nothing here is read from a request body. */
export interface Actor {
  readonly role: 'subject' | 'operator' | 'customer' | 'system'
  /** The host's id of an operator or customer; for `subject` a keyed digest; for `system` the part that acted. */
  readonly id: string
}

/** What was done. */
export interface Act {
  /** A rule or act id, `domain.participle`: `register.saved`, `usage.published`. */
  readonly action: string
  readonly actor: Actor
  /** The id of the record concerned; where it concerns a subject, the keyed digest of the subject. */
  readonly record: string
  /** The clause of the policy it rests on. */
  readonly clause?: string
  /** When it takes effect, where that is not when it was recorded. */
  readonly effectiveAt?: Instant
  /** Figures and digests that describe it: field paths, counts, hashes. */
  readonly details?: Readonly<Record<string, string | number>>
}

/** An entry as it stands in the stream. */
export interface LedgerEntry extends Act {
  readonly id: string
  /** Its place in the tenant's stream: 1, 2, 3 … */
  readonly sequence: number
  readonly recordedAt: Instant
}

/** An act that waits for its place, as stored. */
export type PendingAct = Omit<LedgerEntry, 'sequence'>

/** What `verify` found. */
export interface LedgerReport {
  readonly outcome: 'intact' | 'broken'
  /** Entries that agree with all that is stored about them; of an intact ledger, all that the signed head covers. */
  readonly entries: number
  /** Acts recorded that wait for their place in the stream. */
  readonly pending: number
  /** The tree hash over these entries (RFC 6962 §2.1), hex. */
  readonly root: string
  /** How many of them a checkpoint from outside the store vouches for. */
  readonly vouched: number
  /** The signed head of an intact ledger, to be kept outside; absent where nothing was ever sequenced. */
  readonly checkpoint?: string
  /**
   * The first entry that is not what was written, and what is wrong. Where somebody has made every hash that is stored
   * with the entries fit, only a signature says that something was changed, and not where: that is then the first entry
   * that no checkpoint from outside vouches for, entry 1 where there was none.
   */
  readonly broken?: { readonly sequence: number; readonly says: string }
  /** What cannot be seen with what was given, in words. */
  readonly unseen: readonly string[]
}

/** What a checkpoint says of a ledger, once its signature was verified. */
export interface Checkpoint {
  /** Which ledger it is of: a name that each tenant's ledger has for itself. */
  readonly origin: string
  /** How many entries it covers. */
  readonly size: number
  /** The tree hash over them (RFC 6962 §2.1), hex. */
  readonly root: string
}

/** That an entry stands in a ledger, for whoever has no store: `verifyInclusion` says whether it holds. */
export interface InclusionProof {
  readonly sequence: number
  /** The exact text of the entry, JSON in canonical form (RFC 8785). */
  readonly bytes: string
  /** The hashes from the entry up to the root, hex (RFC 6962 §2.1.1). */
  readonly path: readonly string[]
  /** The signed checkpoint that it holds against. */
  readonly checkpoint: string
}

/** That a ledger continues an earlier one, for whoever has no store: `verifyConsistency` says whether it holds. */
export interface ConsistencyProof {
  /** The hashes that lead from the earlier root to the later one, hex (RFC 6962 §2.1.2). */
  readonly path: readonly string[]
  /** The signed checkpoints of both. */
  readonly from: string
  readonly to: string
}

/**
 * Where checkpoints go: a place that whoever can write to the store cannot write to. `fileCheckpoints` of
 * `@pilvi/privacy/node` is one.
 */
export interface CheckpointSink {
  /**
   * Keeps a checkpoint; resolves when it is kept for good. It may be handed over more than once, and by several
   * processes at once, then not always in order of their sizes.
   */
  put(checkpoint: { readonly tenant: string; readonly note: string }): Promise<void>
  /** Of the checkpoints that were kept for a tenant the one over the most entries; `null` where there is none. */
  last(tenant: string): Promise<string | null>
}

/** Loose, because what an act says of itself is hashed as it was recorded, whatever version recorded it. */
export const pendingActParser: z.ZodType<PendingAct> = z.looseObject({
  id: z.string(),
  action: z.string(),
  actor: z.looseObject({ role: z.enum(['subject', 'operator', 'customer', 'system']), id: z.string() }),
  record: z.string(),
  recordedAt: instantParser,
})
