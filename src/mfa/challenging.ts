/**
 * Making challenges, and sending the codes of those that want one. A challenge is kept only after its code was handed to
 * the host's sender: where that fails there is nothing that any code could answer.
 */

import * as z from 'zod'
import { later } from '../calendar.ts'
import { settle } from '../commit.ts'
import { type Instant, newId } from '../environment.ts'
import { StoreFailure } from '../errors.ts'
import { base64url } from '../keys/digest.ts'
import { idParser, parse } from '../parsing.ts'
import type { Message, Sender } from '../sender.ts'
import type { Change, JsonValue } from '../store.ts'
import { malformed, sessionParser } from './answers.ts'
import { sessionDigest } from './attempt.ts'
import { challenges, makeRoom } from './challenges.ts'
import { contactCode, reserveSend } from './contact.ts'
import { contactDigest, knownPasskeys, verifierOf } from './judging.ts'
import { checkOffered, type MfaParts, readAll, readAttempts, recorded, refOf, remove } from './keeping.ts'
import type { Challenge, ChallengeOptions, Locked } from './model.ts'
import { actionParser } from './step-up.ts'
import type { ChallengeRecord } from './stored.ts'

const optionsParser = z.strictObject({
  session: z.exactOptional(sessionParser),
  send: z.exactOptional(z.enum(['email', 'sms'])),
  action: z.exactOptional(actionParser),
  request: z.exactOptional(idParser),
})
type Options = z.infer<typeof optionsParser>

/** Makes a challenge, and sends its code where it is to have one. */
export async function challenge(
  parts: MfaParts,
  { subject, options }: { subject: string; options: ChallengeOptions },
): Promise<Challenge> {
  parse(idParser, subject, 'subject')
  const asked = parse(optionsParser, options, 'options')
  const id = newId(parts.environment)
  const expiresAt = later(parts.environment.now(), challenges.lifetime)
  const sent = await send(parts, { subject, id, expiresAt, asked })
  const { session = null, action = null, request = null } = asked
  const contact = sent?.outcome === 'sent' ? { channel: sent.channel, code: sent.digest } : null
  const bound = { session, contact, action, request }
  const { nonce, ...made } = await makeChallenge(parts, { subject, id, purpose: 'answer', ...bound })
  const passkey = await assertion(parts, { subject, nonce })
  return { ...made, ...(passkey && { passkey }), ...(sent && { contact: toldOf(sent) }) }
}

/** What the browser is to be given, where the person has passkeys that can be verified. */
async function assertion(
  parts: MfaParts,
  { subject, nonce }: { subject: string; nonce: string },
): Promise<JsonValue | null> {
  const known = parts.passkeys ? await knownPasskeys(parts, subject) : []
  return known.length > 0 ? verifierOf(parts).authentication({ challenge: nonce, known }) : null
}

interface Made {
  readonly subject: string
  /** Absent: a new one. */
  readonly id?: string
  readonly session: string | null
  readonly purpose: ChallengeRecord['purpose']
  readonly contact?: ChallengeRecord['contact']
  readonly action?: string | null
  readonly request?: string | null
  /** What allows it, for the same commit. */
  allowed?(): Promise<Change[]>
}

/** Keeps a challenge, and takes away those that are over or too many. @throws Conflict `conflict.erased` */
export async function makeChallenge(
  parts: MfaParts,
  { subject, session, purpose, ...given }: Made,
): Promise<{ readonly id: string; readonly expiresAt: Instant; readonly nonce: string }> {
  const { environment, policy, tenant } = parts
  const { id = newId(environment), contact = null, action = null, request = null, allowed } = given
  const at = environment.now()
  const nonce = base64url(environment.random(challenges.nonceBytes))
  const expiresAt = later(at, challenges.lifetime)
  const digest = await sessionDigest(parts, session)
  const bound = { session: digest, nonce, contact, action, request }
  const category = policy.ownData.factors
  return settle(parts, async () => {
    // First: where a factor is confirmed while it is looked at whether there is one, this is of the time before.
    const { generation } = (await readAttempts(parts, subject)).attempts
    const using = (await allowed?.()) ?? []
    const touched = await parts.standings.touch(subject)
    const record: ChallengeRecord = { purpose, at, expiresAt, category, generation, ...bound }
    const there = await readAll(parts, { subject, kind: 'challenge' })
    const going = makeRoom(there, { now: at, most: challenges.most })
    const changes = [
      {
        put: refOf(tenant, subject, ['challenge', id]),
        value: record as unknown as JsonValue,
        expect: 'absent' as const,
      },
      ...going.map(remove),
      ...using,
      ...touched,
    ]
    return { changes, result: { id, expiresAt, nonce } }
  })
}

type Sent = { readonly outcome: 'sent'; readonly channel: 'email' | 'sms'; readonly digest: string } | Locked

const toldOf = (sent: Sent): NonNullable<Challenge['contact']> =>
  sent.outcome === 'sent' ? { outcome: 'sent', channel: sent.channel } : sent

/** Counts a code that is to be sent, and has the host send it; `null` where none is asked for. */
async function send(
  parts: MfaParts,
  { subject, id, expiresAt, asked }: { subject: string; id: string; expiresAt: Instant; asked: Options },
): Promise<Sent | null> {
  const { send: channel, action } = asked
  if (channel === undefined) return null
  checkOffered(parts, 'contact-code')
  const { tenant, environment } = parts
  const sender = senderOf(parts)
  const locked = await counted(parts, subject)
  if (locked !== null) return locked
  const code = contactCode(environment.random(8))
  const message = { kind: 'code', tenant, subject, channel, code, expiresAt } as const
  await handOver(sender, action === undefined ? message : { ...message, action })
  return { outcome: 'sent', channel, digest: await contactDigest(parts, { subject, challenge: id, code }) }
}

/** Counted before it is sent, and on record; never for a person who is being erased. */
const counted = (parts: MfaParts, subject: string): Promise<Locked | null> =>
  settle(parts, async () => {
    const { attempts, put } = await readAttempts(parts, subject)
    const { next, locked } = reserveSend(attempts, parts.environment.now())
    if (next === attempts) return { changes: [], result: locked }
    const act = { subject, action: 'mfa.code-sent', factor: 'contact-code' } as const
    const told = locked === null ? await recorded(parts, act) : []
    return { changes: [put(next), ...told, ...(await parts.standings.touch(subject))], result: locked }
  })

/** What a sender throws can hold the address: it stays in the process, as the cause. */
export async function handOver(sender: Sender, message: Message): Promise<void> {
  try {
    await sender.send(message)
  } catch (cause) {
    throw new StoreFailure('sender.failed', 'the message could not be sent', { cause })
  }
}

/** @throws InvalidInput `input.invalid` where `createPrivacy` was given none */
export function senderOf({ sender }: Pick<MfaParts, 'sender'>): Sender {
  if (sender === undefined) throw malformed('sender', 'is needed to tell the person: see createPrivacy')
  return sender
}
