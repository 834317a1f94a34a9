/**
 * Who is to be told of a version, and telling them by the host's sender.
 *
 * A message is claimed, handed to the sender, and then put on record: what is cut off in between is sent again with the
 * same key when the claim has lapsed. Any number of processes may send at once. Ten messages in a row that the sender does
 * not take end the call, because it is the sender then, and not an address; where it ended is told, so that ten addresses
 * in a row that are no good keep nobody behind them from being told.
 */

import { unlessErased } from '../commit.ts'
import { newId } from '../environment.ts'
import { InvalidInput } from '../errors.ts'
import type { Sender } from '../sender.ts'
import {
  type About,
  addAct,
  type NoticeParts,
  noticeCollection,
  noticeKey,
  readNotice,
  rewrite,
} from './keeping.ts'
import type { Claim, DueBatch, DueInput, SendInput, SendReport, VersionName } from './model.ts'
import { isDue, withClaim, withoutClaim } from './rules.ts'

/** How many people are looked at together. */
const batch = 100

/** @throws InvalidInput `input.not-in-policy` */
function groupsOf({ groups: all }: NoticeParts, { groups = all }: DueInput): readonly string[] {
  const wrong = groups.findIndex((group) => !all.includes(group))
  if (wrong < 0) return groups
  throw new InvalidInput('input.not-in-policy', 'group is none that the policy has in this tenant', {
    path: `due.groups[${wrong}]`,
  })
}

/** The people who are to be told, in batches. */
export async function* dueBatches(parts: NoticeParts, input: DueInput): AsyncIterable<DueBatch> {
  const groups = groupsOf(parts, input)
  const version = await parts.findVersion(input.version)
  const some: string[] = []
  for await (const subject of parts.people({ groups, after: input.after })) {
    some.push(subject)
    if (some.length === batch) yield* batchOf(parts, version, some.splice(0))
  }
  yield* batchOf(parts, version, some)
}

async function* batchOf(
  { tenant, store, standings }: NoticeParts,
  { digest }: VersionName,
  people: readonly string[],
): AsyncIterable<DueBatch> {
  const after = people.at(-1)
  if (after === undefined) return
  const found = await store.get(
    noticeCollection,
    people.map((subject) => noticeKey(tenant, { subject, digest })),
  )
  const untold = people.filter((_, i) => isDue(found[i] ? readNotice(found[i]) : null))
  const read = await Promise.all(untold.map((subject) => standings.read(subject)))
  const subjects = untold.filter((_, i) => read[i]?.standing.state !== 'erased')
  if (subjects.length > 0) yield { subjects, after }
}

/** How many messages in a row the sender may fail to take. */
const patience = 10

/** Sends to everybody who is due, or to so many. */
export async function send(parts: NoticeParts, input: SendInput): Promise<SendReport> {
  const { channel, most = Number.MAX_SAFE_INTEGER, ...due } = input
  const sender = senderOf(parts)
  const version = await parts.findVersion(input.version)
  const counts = { sent: 0, failed: 0, passedOver: 0 }
  let inARow = 0
  for await (const { subjects } of dueBatches(parts, due)) {
    for (const subject of subjects) {
      const outcome = await tell(parts, { subject, version }, { sender, channel })
      counts[outcome]++
      if (outcome !== 'passedOver') inARow = outcome === 'failed' ? inARow + 1 : 0
      const because = inARow === patience ? 'sender' : counts.sent + counts.failed === most ? 'most' : null
      if (because) return { ...counts, stopped: { because, after: subject } }
    }
  }
  return counts
}

/** @throws InvalidInput `input.invalid` */
function senderOf({ sender }: NoticeParts): Sender {
  if (sender !== undefined) return sender
  throw new InvalidInput('input.invalid', 'sender is needed to send notices: see createPrivacy', {
    path: 'sender',
  })
}

/** Tells one person. */
async function tell(
  parts: NoticeParts,
  about: About,
  { sender, channel }: { sender: Sender; channel: SendInput['channel'] },
): Promise<'sent' | 'failed' | 'passedOver'> {
  const { tenant, environment } = parts
  const { subject, version } = about
  const claim = await unlessErased(claimed(parts, about))
  if (claim === null) return 'passedOver'
  try {
    await sender.send({ kind: 'policy', tenant, subject, channel, ...version, key: claim.key })
  } catch {
    // What a sender throws can hold the address, and the host has it already: it is counted, and the person stays due.
    await unlessErased(givenBack(parts, about, claim))
    return 'failed'
  }
  await unlessErased(addAct(parts, about, { kind: 'told', channel, at: environment.now() }))
  return 'sent'
}

/** The claim to tell somebody; `null` where nobody is to be told, or another has it. */
const claimed = (parts: NoticeParts, about: About): Promise<Claim | null> =>
  rewrite(parts, about, async (before) => {
    const { environment, policy } = parts
    const put = withClaim(before, {
      version: about.version,
      category: policy.ownData.notices,
      now: environment.now(),
      key: newId(environment),
    })
    return put === null ? { result: null } : { put, result: put.sending }
  })

const givenBack = (parts: NoticeParts, about: About, mine: Claim): Promise<null> =>
  rewrite(parts, about, async (before) => {
    const put = withoutClaim(before, { mine, now: parts.environment.now() })
    return put === null ? { result: null } : { put, result: null }
  })
