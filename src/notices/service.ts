/** The shell around notices: what people were shown and told of versions of the policy, and who is still to be told. */

import { idParser, parse } from '../parsing.ts'
import type { GroupOf, Policy } from '../policy/model.ts'
import { key } from '../values/key.ts'
import { addAct, type NoticeParts, noticeCollection, readNotice } from './keeping.ts'
import {
  type AcceptanceInput,
  acceptanceParser,
  type DueBatch,
  type DueInput,
  dueParser,
  type NoticeAct,
  type NoticeInput,
  type NoticeRecord,
  noticeParser,
  type SendInput,
  type SendReport,
  type StoredNotice,
  sendParser,
} from './model.ts'
import { checkMoment } from './rules.ts'
import { dueBatches, send } from './sending.ts'

/** Notices of one tenant. */
export interface Notices<P extends Policy = Policy> {
  /**
   * Records that a person was shown a version. The first time by each channel is kept; again changes nothing.
   * @throws InvalidInput `input.invalid`
   * @throws NotFound `record.missing` where that version was not published: what was shown could not be read again
   * @throws Conflict `conflict.erased`; `conflict.state` where the present version was published with another content
   */
  shown(notice: NoticeInput): Promise<NoticeRecord>
  /** Records that a person was told of a version, by the host's own means. Throws as {@link Notices.shown} does. */
  told(notice: NoticeInput): Promise<NoticeRecord>
  /**
   * Records that a person acknowledged a version, by using the service or by a signature. It is no consent, to marketing or
   * to anything else: those are given to `consent.give`. Throws as {@link Notices.shown} does.
   * @see GDPR 4(11), 7(2); the policy, "Use log"
   */
  accepted(acceptance: AcceptanceInput): Promise<NoticeRecord>
  /** What a person was shown and told of, by version; nothing of one that was erased. @throws InvalidInput `input.invalid` */
  list(subject: string): AsyncIterable<NoticeRecord>
  /**
   * The people in the register who were neither shown nor told of a version nor accepted it, in batches; none that was
   * erased. Whoever stops goes on from the `after` of the last batch.
   * @throws InvalidInput `input.invalid`, `input.not-in-policy` (a group); NotFound `record.missing`; Conflict
   *   `conflict.state` as {@link Notices.shown}
   * @see the policy, "Updates": customers are informed
   */
  due(whom?: DueInput<GroupOf<P>>): AsyncIterable<DueBatch>
  /**
   * Tells everybody who is due, by the host's sender, and puts each on record. At least once: after a crash a message may
   * come again, with the same `key`, once ten minutes have passed. Several processes may send at once, and nobody is told by
   * two of them. People whose data are restricted are told as well: being informed is their right, and no use of the data
   * that a restriction stops (GDPR 12(1), 18(2)).
   * @throws as {@link Notices.due}, and InvalidInput where `createPrivacy` has no `sender`
   * @throws StoreFailure where a message was sent and could not be put on record: it comes again as after a crash
   * @see the policy, "Updates"; GDPR 13(3), 14(4)
   */
  send(what: SendInput<GroupOf<P>>): Promise<SendReport>
}

/** Makes the notices of a tenant. */
export function createNotices<P extends Policy>(
  tenant: string,
  given: Omit<NoticeParts, 'tenant'>,
): Notices<P> {
  const parts: NoticeParts = { ...given, tenant }
  return {
    shown: async (notice) => record(parts, { kind: 'shown', given: parse(noticeParser, notice, 'notice') }),
    told: async (notice) => record(parts, { kind: 'told', given: parse(noticeParser, notice, 'notice') }),
    async accepted(acceptance) {
      const { by, ...rest } = parse<AcceptanceInput>(acceptanceParser, acceptance, 'notice')
      return record(parts, { kind: 'accepted', given: rest, by, meaning: 'acknowledgement' })
    },
    list: (subject) => list(parts, subject),
    async *due(input = {}) {
      yield* dueBatches(parts, parse(dueParser, input as DueInput, 'due'))
    },
    send: async (input) => send(parts, parse(sendParser, input as SendInput, 'send')),
  }
}

async function record(
  parts: NoticeParts,
  { given, ...act }: Pick<NoticeAct, 'kind' | 'by' | 'meaning'> & { readonly given: NoticeInput },
): Promise<NoticeRecord> {
  const { subject, channel, operator } = given
  const version = await parts.findVersion(given.version)
  const now = parts.environment.now()
  const at = given.at ?? now
  checkMoment(at, now)
  const said = { ...act, channel, at, ...(operator !== undefined && { operator }) }
  return presented(await addAct(parts, { subject, version }, said))
}

const presented = ({ sending: _, ...rest }: StoredNotice): NoticeRecord => rest

async function* list({ tenant, store, standings }: NoticeParts, input: unknown): AsyncIterable<NoticeRecord> {
  const subject = parse(idParser, input, 'subject')
  if ((await standings.read(subject)).standing.state === 'erased') return
  const prefix = `${key(tenant, subject)}/`
  for await (const found of store.scan(noticeCollection, { prefix })) {
    const stored = readNotice(found)
    if (stored.acts.length > 0) yield presented(stored)
  }
}
