/**
 * The keyring as the controller uses it: which key-encryption keys there are, which one wraps, and how everything comes
 * from one to another. Each change is one commit with its entry in the controller's ledger, and holds in every process
 * from then on. What may be done with a key is decided in `rules.ts`.
 */

import { settle } from '../commit.ts'
import { idParser, parse } from '../parsing.ts'
import type { LedgerWriter } from '../services.ts'
import type { Change, JsonValue } from '../store.ts'
import type { KeyEntry } from './model.ts'
import { isWrappedUnder, type RewrapOptions, type RewrapStep, rewrap } from './rewrap.ts'
import { afterStep, type KeyringVerb, refused } from './rules.ts'
import type { SigningKeys } from './signing.ts'
import { type KeyringParts, type KeyringWrapping, keyringRef } from './wrapping.ts'

/** A key-encryption key, and how many of its wraps are reserved: at most 2^31. */
export interface KeyringKey extends KeyEntry {
  readonly wraps: number
}

/** Who does it: the host's id of an operator. */
interface By {
  readonly operator: string
}

/**
 * The key-encryption keys of the installation. All that changes something is refused with Conflict `conflict.state`,
 * whose `record` is the key's id, where the key's status does not allow it.
 */
export interface Keyring {
  /** The keys, in the order in which they were added. */
  list(): AsyncIterable<KeyringKey>
  /**
   * Takes a key of the provider into the keyring, as `active`. Every process must be able to use it first.
   * @throws InvalidInput `input.invalid` where the provider of this process does not have it
   */
  add(id: string, by: By): Promise<void>
  /**
   * Makes an active key the primary one; the former is active then.
   * @throws IntegrityFailure `seal.rejected` where this process has no such key, or another one under its id
   */
  promote(id: string, by: By): Promise<void>
  /** Makes an active key `decrypt-only`. */
  demote(id: string, by: By): Promise<void>
  /** Stops an active or decrypt-only key: what it wrapped does not open until it is enabled again. */
  disable(id: string, by: By): Promise<void>
  /** Makes a decrypt-only or disabled key `active` again. */
  enable(id: string, by: By): Promise<void>
  /**
   * Ends a key for good. Only one that has been disabled for five minutes, and under which nothing in the store lies
   * any more, of no tenant: all of it is read for that.
   *
   * A data key that was wrapped before and is committed after is wrapped anew by whoever made it. What cannot be seen
   * is a transaction of the host's (`privacy.within`) that is open from before the key was disabled: it must end first,
   * or what was sealed in it never opens. The five minutes are by the clocks of the machines that disable and destroy;
   * where these differ by more, wait for that much longer.
   */
  destroy(id: string, by: By): Promise<void>
  /**
   * Wraps every data key and secret of every tenant that lies under another key than the primary anew, while the
   * service runs; nothing happens but while it is iterated over. Can be cut off anywhere, and goes on `after` a cursor.
   * @throws Conflict `conflict.state` where something lies under a disabled key
   * @throws IntegrityFailure `seal.rejected`, `record.corrupt`
   */
  rewrap(options: RewrapOptions): AsyncIterable<RewrapStep>
  /**
   * Makes a new Ed25519 key sign, and gives its `kid`. The private half of the one before is gone; its public half
   * stays, and statements that it signed remain verifiable.
   */
  rotateSigning(by: By): Promise<string>
}

interface Parts extends KeyringParts {
  readonly ring: KeyringWrapping
  readonly signing: Pick<SigningKeys, 'rotation'>
  /** That of the controller. */
  readonly ledger: LedgerWriter
}

/** Makes the keyring. */
export function createKeyring(parts: Parts): Keyring {
  return {
    async *list() {
      for (const entry of (await parts.ring.read()).entries)
        yield { ...entry, wraps: await parts.ring.reserved(entry.id) }
    },
    add: async (id, by) => {
      const commitment = await parts.ring.commitment(id)
      await change(parts, { verb: 'add', id, commitment, by })
    },
    promote: (id, by) => change(parts, { verb: 'promote', id, by }),
    demote: (id, by) => change(parts, { verb: 'demote', id, by }),
    disable: (id, by) => change(parts, { verb: 'disable', id, by }),
    enable: (id, by) => change(parts, { verb: 'enable', id, by }),
    destroy: (id, by) => change(parts, { verb: 'destroy', id, by }),
    rewrap: (options) => rewrap(parts, options),
    rotateSigning: (by) => rotateSigning(parts, by),
  }
}

const acts = {
  add: { action: 'keys.added' },
  promote: { action: 'keys.promoted' },
  demote: { action: 'keys.demoted' },
  disable: { action: 'keys.disabled' },
  enable: { action: 'keys.enabled' },
  destroy: { action: 'keys.destroyed' },
} as const

/** What a verb does and who asks for it. */
interface Asked {
  readonly verb: KeyringVerb
  readonly id: string
  readonly by: By
  readonly commitment?: string
}

async function change(parts: Parts, { by, ...asked }: Asked): Promise<void> {
  const operator = operatorOf(by)
  parse(idParser, asked.id, 'id')
  await settle(parts, async () => {
    const { entries, version } = await parts.ring.read()
    const next = afterStep(entries, { ...asked, at: parts.environment.now() })
    await checkBeyond(parts, asked, entries)
    const value = { entries: next } as unknown as JsonValue
    const put: Change = { put: keyringRef, value, expect: version }
    return {
      changes: [put, ...recorded(parts, { ...acts[asked.verb], record: asked.id, operator })],
      result: undefined,
    }
  })
}

/** What the keyring alone does not show: whether this process has the key, and whether anything needs it. */
async function checkBeyond(
  parts: Parts,
  { verb, id }: Pick<Asked, 'verb' | 'id'>,
  entries: readonly KeyEntry[],
): Promise<void> {
  if (verb === 'promote') await parts.ring.check(entries.find((entry) => entry.id === id) as KeyEntry)
  if (verb === 'destroy' && (await isWrappedUnder(parts, id)))
    throw refused(id, 'something lies under it still')
}

async function rotateSigning(parts: Parts, by: By): Promise<string> {
  const operator = operatorOf(by)
  return settle(parts, async () => {
    const { change: put, kid } = await parts.signing.rotation()
    const act = recorded(parts, { action: 'keys.signing-rotated', record: kid, operator })
    return { changes: [put, ...act], result: kid }
  })
}

const recorded = (
  { ledger }: Parts,
  { action, record, operator }: { action: string; record: string; operator: string },
): Change[] => ledger.changes({ action, actor: { role: 'operator', id: operator }, record })

const operatorOf = (by: By): string => parse(idParser, Object(by).operator, 'operator')
