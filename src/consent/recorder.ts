/**
 * The one way a statement is recorded: event, standing and the ledger's entry in one commit, about the id it names and the
 * one that this was merged into.
 */

import { settle } from '../commit.ts'
import { newId } from '../environment.ts'
import { Conflict, InvalidInput } from '../errors.ts'
import type { Act, Actor } from '../ledger/model.ts'
import { parse } from '../parsing.ts'
import type { Policy, Purpose } from '../policy/model.ts'
import type { ServiceParts } from '../services.ts'
import type { Change } from '../store.ts'
import type { ConsentEvent, EventKind, Revocation, Standing, Statement } from './model.ts'
import { isRenewed } from './noes.ts'
import { revocationParser, statementParser } from './parser.ts'
import { entered, isNeedless, type Place, type Places, placesOf } from './places.ts'
import { apply } from './standing.ts'
import { isTaken, isYes, statedOf } from './statement.ts'

/** Whether a standing makes a statement needless. */
export type Needless = (standing: Standing) => boolean

/** Records statements; each is one commit. */
export interface Recorder {
  /**
   * Records a statement, unless the person's standing makes it needless; `null` then. It is judged anew in each try, so
   * two calls at once record it once. About an id that was merged it is recorded for both.
   * @throws InvalidInput; Conflict `conflict.erased`; `conflict.state` for a consent about an id that was merged
   */
  record(kind: EventKind, statement: Statement | Revocation, needless: Needless): Promise<ConsentEvent | null>
  /** Whether a no about the subject would be recorded. @throws Conflict `conflict.erased` */
  isNeeded(subject: string, needless: Needless): Promise<boolean>
}

/** What recording needs. */
export interface RecorderParts extends ServiceParts {
  readonly policyDigest: string
}

export const createRecorder = (parts: RecorderParts): Recorder => ({
  async record(kind, input, needless) {
    const parser = kind === 'revoked' ? revocationParser : statementParser
    const statement = parse<Statement | Revocation>(parser, input, 'statement')
    const purpose = purposeFor(parts.policy, { kind, name: statement.purpose })
    return settle(parts, () => recorded(parts, { kind, statement, purpose, needless }))
  },
  async isNeeded(subject, needless) {
    return (await needing(parts, { places: await placesOf(parts, subject), needless })).length > 0
  },
})

/** A purpose of the policy. @throws InvalidInput `input.not-in-policy` */
export function purposeIn(policy: Policy, { name, what }: { name: string; what: string }): Purpose {
  const purpose = Object.hasOwn(policy.purposes, name) ? policy.purposes[name] : undefined
  if (purpose !== undefined) return purpose
  throw new InvalidInput('input.not-in-policy', 'purpose is not in the policy', { path: `${what}.purpose` })
}

function purposeFor(policy: Policy, { kind, name }: { kind: EventKind; name: string }): Purpose {
  const purpose = purposeIn(policy, { name, what: 'statement' })
  if (kind !== 'denied' || purpose.denial !== undefined) return purpose
  throw new InvalidInput('input.not-in-policy', 'the policy has no denial of this purpose', {
    path: 'statement.purpose',
  })
}

interface Recording {
  readonly kind: EventKind
  readonly statement: Statement | Revocation
  readonly purpose: Purpose
  readonly needless: Needless
}

async function recorded(
  parts: RecorderParts,
  { kind, statement, purpose, needless }: Recording,
): Promise<{ changes: Change[]; result: ConsentEvent | null }> {
  const { tenant, policy, policyDigest, environment, ledger } = parts
  const now = environment.now()
  const stated = statedOf({ kind, statement, policy, now })
  const { places, reference } = await referredPlaces(parts, statement.subject)
  if (isYes(kind)) refuseMerged(places[0])
  const needed = await needing(parts, { places, needless })
  if (needed.length === 0) return { changes: [], result: null }
  const event: ConsentEvent = {
    ...stated,
    id: newId(environment),
    recordedAt: now,
    policyVersion: policy.version,
    policyDigest,
    category: policy.ownData.consents,
  }
  if (kind === 'renewed') checkRenewed(places[0], { policy, event })
  const actor = actorOf(statement, reference)
  const act = actOf(event, { actor, reference, clause: purpose.clause })
  // A tombstone is not needed for the statement, and is held all the same.
  const touched = places.filter((place) => needed.includes(place) || place.standing.state === 'erased')
  const changes = touched.flatMap((place) => entered(tenant, { place, entry: event }))
  return { changes: [...changes, ...ledger.changes(act)], result: event }
}

/** The places of a subject, and how the ledger names it: for somebody new that makes a key, which touches the standing. */
export async function referredPlaces(
  parts: Pick<RecorderParts, 'standings' | 'keys'>,
  subject: string,
): Promise<{ places: Places; reference: string }> {
  const before = await placesOf(parts, subject)
  const reference = await parts.keys.reference(subject)
  const places = before[0].found ? before : await placesOf(parts, subject)
  return { places, reference }
}

/** @throws Conflict `conflict.state` */
function refuseMerged({ standing: { merged } }: Place): void {
  if (merged === undefined) return
  const says = 'this id was merged into another: consent is given under that one'
  throw new Conflict('conflict.state', says, { record: merged.merge })
}

/**
 * As of the moment it takes effect: a term that has run out by now ends the consent all the same.
 * @throws Conflict `conflict.state`
 */
function checkRenewed({ standing }: Place, { policy, event }: { policy: Policy; event: ConsentEvent }): void {
  if (isRenewed(apply(standing, event), { policy, event, at: event.effectiveAt })) return
  throw new Conflict('conflict.state', 'no consent stands that could be renewed')
}

async function needing(
  parts: Pick<RecorderParts, 'tenant' | 'store'>,
  { places, needless }: { places: Places; needless: Needless },
): Promise<Place[]> {
  const needed: Place[] = []
  for (const place of places) if (!(await isNeedless(parts, { place, needless }))) needed.push(place)
  return needed
}

/** Who recorded it: the operator; the person at a screen; or, of what was taken down unsigned, the host's system. */
function actorOf({ operator, by }: Pick<Statement, 'operator' | 'by'>, reference: string): Actor {
  if (operator !== undefined) return { role: 'operator', id: operator }
  if (isTaken(by)) return { role: 'system', id: 'consent' }
  return { role: 'subject', id: reference }
}

const actOf = (
  { kind, id, effectiveAt, purpose, by }: ConsentEvent,
  { actor, reference, clause }: { actor: Actor; reference: string; clause: string },
): Act => ({
  action: `consent.${kind}`,
  ...{ actor, clause, effectiveAt },
  record: id,
  details: { subject: reference, purpose, by },
})
