/** Putting on record that a customer connects a partner's product or takes it away, and reading what holds on a day. */

import { todayOf } from '../calendar.ts'
import { settle } from '../commit.ts'
import { type CalendarDate, newId } from '../environment.ts'
import { InvalidInput } from '../errors.ts'
import type { Actor } from '../ledger/model.ts'
import { idParser, parse } from '../parsing.ts'
import type { Policy, Recipient } from '../policy/model.ts'
import type { ServiceParts } from '../services.ts'
import type { JsonValue } from '../store.ts'
import { daysOf, endOf, linkAfter } from './links.ts'
import type { LinkEvent, LinkInput, UnlinkInput } from './model.ts'
import { linkParser, unlinkParser } from './parser.ts'
import { recipientOf } from './rules.ts'
import { linkStream } from './source.ts'

/** Records a link. @throws InvalidInput; Conflict `conflict.erased` */
export function link(parts: ServiceParts, input: unknown): Promise<LinkEvent> {
  const given = parse<LinkInput>(linkParser, input, 'link')
  return record(parts, {
    given,
    what: 'link',
    action: 'disclosure.linked',
    of: (today) => ({ kind: 'linked', ...daysOf(given, today) }),
  })
}

/** Records the end of links. @throws InvalidInput; Conflict `conflict.erased` */
export function unlink(parts: ServiceParts, input: unknown): Promise<LinkEvent> {
  const given = parse<UnlinkInput>(unlinkParser, input, 'unlink')
  return record(parts, {
    given,
    what: 'unlink',
    action: 'disclosure.unlinked',
    of: (today) => ({ kind: 'unlinked', on: endOf(given, today) }),
  })
}

interface Recording {
  readonly given: LinkInput | UnlinkInput
  readonly what: 'link' | 'unlink'
  readonly action: string
  of(today: CalendarDate): Pick<LinkEvent, 'kind' | 'on'> & Partial<Pick<LinkEvent, 'until'>>
}

function record(parts: ServiceParts, { given, what, action, of }: Recording): Promise<LinkEvent> {
  const { tenant, policy, store, environment, keys, ledger, standings } = parts
  const { subject, recipient, operator } = given
  const { clause } = partner(policy, { recipient, what })
  return settle({ store, environment }, async () => {
    // First: about somebody new it makes a key, which touches the standing.
    const reference = await keys.reference(subject)
    const touched = await standings.touch(subject)
    const recordedAt = environment.now()
    const event: LinkEvent = {
      id: newId(environment),
      ...of(todayOf(policy, recordedAt)),
      ...{ recipient, recordedAt, category: policy.ownData.disclosures },
      ...(operator !== undefined && { operator }),
    }
    const ref = linkStream(tenant, subject)
    const [last] = await store.get(ref.collection, [ref.key])
    const actor: Actor =
      operator === undefined ? { role: 'subject', id: reference } : { role: 'operator', id: operator }
    const details = { subject: reference, recipient, on: event.on }
    const act = { action, actor, record: event.id, clause, details }
    const append = {
      append: ref,
      id: event.id,
      value: event as unknown as JsonValue,
      expect: (last?.version ?? 0) + 1,
    }
    return { changes: [...touched, append, ...ledger.changes(act)], result: event }
  })
}

/** A recipient that can be linked. @throws InvalidInput `input.not-in-policy` */
function partner(policy: Policy, { recipient: name, what }: { recipient: string; what: string }): Recipient {
  const recipient = recipientOf(policy, name)
  if (recipient?.grounds.includes('partner')) return recipient
  throw new InvalidInput('input.not-in-policy', 'recipient is no partner of the policy', {
    path: `${what}.recipient`,
  })
}

/** The links of a person, oldest first; none of one that was erased. @throws InvalidInput `input.invalid` */
export async function* links(parts: ServiceParts, input: unknown): AsyncIterable<LinkEvent> {
  const subject = parse(idParser, input, 'subject')
  if ((await parts.standings.read(subject)).standing.state === 'erased') return
  yield* linksOf(parts, subject)
}

async function* linksOf(
  { tenant, store }: Pick<ServiceParts, 'tenant' | 'store'>,
  subject: string,
): AsyncIterable<LinkEvent> {
  const { collection, key: stream } = linkStream(tenant, subject)
  for await (const { value } of store.scan(collection, { stream })) yield value as unknown as LinkEvent
}

/** The link of a person to a recipient that holds on a day. */
export async function findLink(
  parts: Pick<ServiceParts, 'tenant' | 'store'>,
  { subject, ...asked }: { subject: string; recipient: string; on: CalendarDate },
): Promise<string | undefined> {
  let link: string | undefined
  for await (const event of linksOf(parts, subject)) link = linkAfter(link, { ...asked, event })
  return link
}
