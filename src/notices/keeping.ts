/** Reading and writing the records of notices: each write is one commit of the record, the standing and the ledger. */

import { collections } from '../collections.ts'
import { settle } from '../commit.ts'
import type { Actor } from '../ledger/model.ts'
import { parseStored } from '../parsing.ts'
import type { Sender } from '../sender.ts'
import type { ServiceParts } from '../services.ts'
import type { Change, JsonValue, Versioned } from '../store.ts'
import { key } from '../values/key.ts'
import { type NoticeAct, type StoredNotice, storedNoticeParser, type VersionName } from './model.ts'
import type { FindVersion } from './publishing.ts'
import { withAct } from './rules.ts'

export const noticeCollection: string = collections.notices.name

/** What notices are made of. */
export interface NoticeParts extends ServiceParts {
  readonly sender: Sender | undefined
  readonly findVersion: FindVersion
  /** The people in these groups of the register, each once, in an order that stays the same; those after one of them. */
  readonly people: (of: { groups: readonly string[]; after: string | undefined }) => AsyncIterable<string>
  /** The groups of this tenant. */
  readonly groups: readonly string[]
}

/** Where what a person was told of a version is kept. */
export const noticeKey = (tenant: string, { subject, digest }: { subject: string; digest: string }): string =>
  key(tenant, subject, digest)

/** @throws IntegrityFailure `record.corrupt` */
export const readNotice = (found: Versioned): StoredNotice =>
  parseStored(storedNoticeParser, found.value, 'notice')

/** The person and the version that a record is of. */
export interface About {
  readonly subject: string
  readonly version: VersionName
}

/** What becomes of a record that was read: what is put in its place, what goes with it, and the answer. */
export type Rewrite<T> = (
  before: StoredNotice | null,
) => Promise<{ readonly put?: StoredNotice; readonly also?: readonly Change[]; readonly result: T }>

/** Rewrites a record, or leaves it where nothing is to be put. @throws Conflict `conflict.erased` */
export function rewrite<T>(
  { tenant, store, environment, standings }: NoticeParts,
  { subject, version: { digest } }: About,
  by: Rewrite<T>,
): Promise<T> {
  const ref = { collection: noticeCollection, key: noticeKey(tenant, { subject, digest }) }
  return settle({ store, environment }, async () => {
    const touched = await standings.touch(subject)
    const [found = null] = await store.get(ref.collection, [ref.key])
    const { put, also = [], result } = await by(found && readNotice(found))
    if (put === undefined) return { changes: [], result }
    const value = put as unknown as JsonValue
    return { changes: [{ put: ref, value, expect: found?.version ?? 'absent' }, ...touched, ...also], result }
  })
}

/** What the ledger calls an act. */
const actions = {
  shown: 'notices.shown',
  told: 'notices.told',
  accepted: 'notices.accepted',
} as const satisfies Record<NoticeAct['kind'], string>

/** Adds an act where there is none like it, and gives the record. @throws Conflict `conflict.erased` */
export function addAct(
  parts: NoticeParts,
  about: About,
  act: Omit<NoticeAct, 'recordedAt'>,
): Promise<StoredNotice> {
  const { environment, policy, keys, ledger } = parts
  const { version, subject } = about
  return rewrite(parts, about, async (before) => {
    const recorded: NoticeAct = { ...act, recordedAt: environment.now() }
    const put = withAct(before, { act: recorded, version, category: policy.ownData.notices })
    if (put === before) return { result: put }
    const reference = await keys.reference(subject)
    const clause = (act.kind === 'accepted' ? policy.acceptance : policy.updates)?.clause
    const also = ledger.changes({
      action: actions[act.kind],
      actor: actorOf(act, reference),
      record: version.digest,
      ...(clause !== undefined && { clause }),
      effectiveAt: act.at,
      details: { subject: reference, version: version.version, channel: act.channel },
    })
    return { put, also, result: put }
  })
}

/** Accepting is the person's own act; showing and telling are the controller's. */
function actorOf({ operator, kind }: Pick<NoticeAct, 'operator' | 'kind'>, reference: string): Actor {
  if (operator !== undefined) return { role: 'operator', id: operator }
  return kind === 'accepted' ? { role: 'subject', id: reference } : { role: 'system', id: 'notices' }
}
