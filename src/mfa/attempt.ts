/**
 * The one way of an attempt, whatever the factor and whatever follows from it: reserve it, judge the answer, commit. In
 * that order, always.
 *
 * The reservation is a compare-and-set of the one counter of the person. The acceptance is another, of everything at
 * once: the counter, the code or device that is used up, the challenge that is spent, what changes, and the entry of the
 * ledger. So of any number of uses at once one is accepted, and none after the factors changed meanwhile.
 */

import { settle } from '../commit.ts'
import type { Change, Ref } from '../store.ts'
import type { Given } from './answers.ts'
import { isOpen } from './challenges.ts'
import type { Judge, Judged, Question } from './judging.ts'
import {
  type Counter,
  type MfaParts,
  read,
  readAll,
  readAttempts,
  recorded,
  remove,
  type Stored,
} from './keeping.ts'
import type { Accepted, AnsweredChallenge, Refused } from './model.ts'
import { changed, givenBack, type Reservation, reserve, succeeded } from './rules.ts'
import type { ChallengeRecord } from './stored.ts'

/** What an accepted answer brings about, in the same commit. */
export interface Effect<T> {
  readonly changes: readonly Change[]
  /** Whether the person's factors are others now: what was made before is then worthless. */
  readonly factors: 'same' | 'changed'
  /** What is told beside the acceptance. */
  readonly told: T
  /** What the entry of the ledger says beside the factor. */
  readonly details?: Readonly<Record<string, string>>
}

/** An attempt. */
export interface Attempt<T> {
  readonly subject: string
  readonly answer: Pick<Given, 'by' | 'challenge' | 'session'>
  /** What the ledger calls it. */
  readonly action: string
  readonly purpose: ChallengeRecord['purpose']
  /** What it brings about, where a challenge that was made for something else must not do. */
  readonly act?: string
  /** Called once the attempt is reserved. */
  judge(): Promise<Judge>
  effect?(question: Question, amr: readonly string[]): Promise<Effect<T>>
}

/** Makes an attempt. */
export async function attempt<T extends object>(
  parts: MfaParts,
  asked: Attempt<T>,
): Promise<(Accepted & Partial<T>) | Refused> {
  const reservation = await reserved(parts, asked.subject)
  if ('outcome' in reservation) return reservation
  const judge = await asked.judge()
  return settle(parts, () => judged(parts, { asked, judge, reservation }))
}

/** Counts an attempt before it is made; never for a person who is being erased, or something would be left of them. */
function reserved(parts: MfaParts, subject: string): Promise<Refused | Reservation> {
  return settle<Refused | Reservation>(parts, async () => {
    const { attempts, put } = await readAttempts(parts, subject)
    const now = reserve(attempts, parts.environment.now())
    if ('refused' in now) return { changes: [], result: now.refused }
    const changes = [put(now.next), ...(await parts.standings.touch(subject))]
    return { changes, result: { before: attempts, next: now.next } }
  })
}

interface Decided<T> {
  readonly changes: Change[]
  readonly result: (Accepted & Partial<T>) | Refused
}

async function judged<T extends object>(
  parts: MfaParts,
  { asked, judge, reservation }: { asked: Attempt<T>; judge: Judge; reservation: Reservation },
): Promise<Decided<T>> {
  const { subject, answer } = asked
  // Read once: what the challenge is held against is what the commit expects.
  const counter = await readAttempts(parts, subject)
  const { generation } = counter.attempts
  const now = parts.environment.now()
  const open = await openChallenge(parts, { asked, generation })
  if (open === 'none') return { changes: [], result: { outcome: 'wrong' } }
  const challenge = open?.record ?? null
  const question: Question = { subject, generation, now, challenge, challengeId: answer.challenge }
  const found = await judge(question)
  if (found.outcome === 'accepted') {
    return accepted(parts, { asked, question, found, counter, reservation, spent: open })
  }
  const changes =
    found.outcome === 'raced'
      ? [counter.put(givenBack(counter.attempts, reservation))]
      : (found.changes ?? [])
  if (changes.length > 0) changes.push(...(await parts.standings.touch(subject)))
  return { changes, result: { outcome: found.outcome === 'raced' ? 'replayed' : found.outcome } }
}

/** The challenge that an answer names, if it takes this answer; `null` where none is named. */
async function openChallenge(
  parts: MfaParts,
  { asked: { subject, answer, purpose, act }, generation }: { asked: Attempt<object>; generation: number },
): Promise<Stored<ChallengeRecord> | null | 'none'> {
  if (answer.challenge === null) return null
  const found = await read(parts, { subject, place: ['challenge', answer.challenge] })
  const session = await sessionDigest(parts, answer.session)
  const now = parts.environment.now()
  return found && isOpen(found.record, { purpose, act, generation, session, now }) ? found : 'none'
}

/** What is kept of the host's session. */
export const sessionDigest = async (
  { keys }: Pick<MfaParts, 'keys'>,
  session: string | null,
): Promise<string | null> => (session === null ? null : keys.digest('factor', ['session', session]))

async function accepted<T extends object>(
  parts: MfaParts,
  {
    asked,
    question,
    found,
    counter: { attempts, put },
    reservation,
    spent,
  }: {
    asked: Attempt<T>
    question: Question
    found: Judged & { outcome: 'accepted' }
    counter: Counter
    reservation: Reservation
    spent: Stored<ChallengeRecord> | null
  },
): Promise<Decided<T>> {
  const { subject, answer, action } = asked
  const effect = await asked.effect?.(question, found.amr)
  const told = await recorded(parts, { subject, action, factor: answer.by, details: effect?.details })
  const after = succeeded(attempts, { factor: answer.by, reservation })
  const changes = [
    ...found.changes,
    ...(spent ? [remove(spent)] : []),
    ...(effect?.factors === 'changed' ? await outdated(parts, subject) : []),
    ...(effect?.changes ?? []),
    put(effect?.factors === 'changed' ? changed(after) : after),
    ...told,
    // Last: sealing and recording may make keys, which touches the standing as well.
    ...(await parts.standings.touch(subject)),
  ]
  const result: Accepted = {
    outcome: 'accepted',
    factor: answer.by,
    amr: found.amr,
    ...(spent && { challenge: answered(answer, spent.record) }),
    ...(found.device && { device: found.device }),
  }
  return { changes: lastOfEach(changes), result: { ...result, ...(effect?.told as Partial<T>) } }
}

/** What a change of factors makes worthless goes with it. */
async function outdated(parts: MfaParts, subject: string): Promise<Change[]> {
  const kinds = ['challenge', 'proof', 'trusted-device'] as const
  const all = await Promise.all(kinds.map((kind) => readAll(parts, { subject, kind })))
  return all.flat().map(remove)
}

function answered(
  { challenge, session }: Pick<Given, 'challenge' | 'session'>,
  { action, request }: ChallengeRecord,
): AnsweredChallenge {
  return {
    id: challenge ?? '',
    ...(session !== null && { session }),
    ...(action !== null && { action }),
    ...(request !== null && { request }),
  }
}

/** A record is changed once in a commit: what is used up and then removed or replaced is removed or replaced. */
function lastOfEach(changes: readonly Change[]): Change[] {
  const placeOf = (change: Change): string => {
    const { collection, key }: Ref =
      'put' in change ? change.put : 'remove' in change ? change.remove : change.append
    return `${collection} ${key}`
  }
  return [...new Map(changes.map((change) => [placeOf(change), change])).values()]
}
