/**
 * The life of a request: each act is one commit of the request's record with its ledger entry; what an erasure does to
 * the sources lies between two of them and can be done again at any point.
 */

import * as z from 'zod'
import { collections } from '../collections.ts'
import { settle } from '../commit.ts'
import { otherId } from '../consent/merge.ts'
import { newId } from '../environment.ts'
import { NotAuthorised } from '../errors.ts'
import type { Actor } from '../ledger/model.ts'
import { idParser, parse } from '../parsing.ts'
import type { Language } from '../policy/model.ts'
import type { Change } from '../store.ts'
import { erase } from './erasure.ts'
import { grant, redeem } from './export.ts'
import {
  type Plan,
  type Proof,
  proofParser,
  type RefusalReason,
  type ReopeningInput,
  type Report,
  type RequestInput,
  type RequestState,
  type RightsRequest,
  refusalParser,
  reopeningParser,
  requestParser,
} from './model.ts'
import {
  type RequestParts,
  readRequest,
  requestChanges,
  requestOf,
  requestRef,
  requestsActor,
} from './record.ts'
import { reopen } from './reopening.ts'
import { type Command, checkReceived, dueDate, next, planOf } from './rules.ts'
import { survey } from './walk.ts'

/** Rights requests of one tenant. */
export interface Requests {
  /**
   * Records a request. Nothing is done until it is confirmed.
   * @throws InvalidInput `input.invalid`
   * @see GDPR 12(3), 15, 17, 20
   */
  open(input: RequestInput): Promise<RightsRequest>
  /**
   * Records that the request was shown to come from the person. A step-up proof is used up by it. Where the policy asks
   * for one and the person has a full second factor, an operator's check does not do.
   * @throws InvalidInput `input.invalid`; NotAuthorised `proof.missing`, `proof.rejected`; NotFound; Conflict
   *   `conflict.state`
   * @see GDPR 12(6)
   */
  confirm(id: string, proof: Proof): Promise<RightsRequest>
  /**
   * Walks every source and says what would go, what must stay, why and until when, and which other ids are on record as
   * the person's; touches nothing.
   * @throws NotFound; Conflict `conflict.state` (not confirmed, or already running); InvalidInput `policy.invalid` where
   *   data lie under a category that the policy no longer names
   */
  plan(id: string): Promise<Plan>
  /**
   * Carries out the plan of that digest. Cut off at any point, the same call goes on where it stopped; on a request
   * that is fulfilled it gives the report again (without the token).
   * @throws InvalidInput `input.invalid`; NotFound
   * @throws Conflict `conflict.plan` (stale, or another plan), `conflict.state`, `conflict.erased` (an export of a person
   *   who was erased since)
   * @throws IntegrityFailure `erasure.residue`: reading back found what should be gone; the request stays running
   */
  fulfil(id: string, options: { readonly plan: string }): Promise<Report>
  /**
   * Refuses a request, with the reason.
   * @throws InvalidInput `input.invalid`; NotFound; Conflict `conflict.state`
   * @see GDPR 12(4)-(5)
   */
  refuse(
    id: string,
    refusal: { readonly operator: string; readonly reason: RefusalReason },
  ): Promise<RightsRequest>
  /**
   * Takes up again a person who was erased, before the last day of their tombstone: data about them are accepted from
   * here on, as of somebody new. What was erased stays erased, and what was sealed under destroyed keys reads so. What
   * must be kept is set aside until its date: an export shows it, nothing else does. Denials kept by contact address hold
   * on. Cut off at any point, the same call goes on where it stopped.
   * @throws InvalidInput `input.invalid`
   * @throws Conflict `conflict.state` where the person is not erased, an erasure of them is running, or a source keeps
   *   something that it cannot set aside
   * @see design: "data given by the person reopens, on record"
   */
  reopen(input: ReopeningInput): Promise<void>
  /** The request, or `null`. @throws InvalidInput `input.invalid` */
  find(id: string): Promise<RightsRequest | null>
  /** The requests in a state, in order of receipt. @throws InvalidInput `input.invalid` */
  list(where: { readonly state: RequestState }): AsyncIterable<RightsRequest>
  /**
   * The archive of a fulfilled export as a stream of ZIP bytes, made afresh. While somebody reads it nobody else can;
   * the token is spent once the last byte was read, and can be used again after a download that broke off.
   * @throws InvalidInput `input.invalid`, `policy.untranslated` (the policy has no texts in the language)
   * @throws NotAuthorised `proof.rejected`: unknown, expired, spent or being read, without saying which
   */
  redeem(token: string, options?: { readonly language?: Language }): Promise<ReadableStream<Uint8Array>>
}

/** @throws InvalidInput `input.invalid` */
const idOf = (id: unknown): string => parse(idParser, id, 'id')

const planOption = z.strictObject({ plan: z.string() })
const listOption = z.strictObject({
  state: z.enum(['opened', 'confirmed', 'planned', 'running', 'fulfilled', 'refused']),
})
const redeemOption = z.strictObject({ language: z.exactOptional(z.enum(['en', 'fi'])) })

/** Makes the requests of a tenant. */
export function createRequests(parts: RequestParts): Requests {
  const { tenant, store } = parts
  return {
    async open(input) {
      return open(parts, parse(requestParser, input, 'request'))
    },
    async confirm(id, input) {
      return confirm(parts, idOf(id), parse(proofParser, input, 'proof'))
    },
    async plan(id) {
      return plan(parts, idOf(id))
    },
    async fulfil(id, input) {
      const options = parse(planOption, input, 'options')
      const { request } = await readRequest(parts, idOf(id))
      return (request.kind === 'erasure' ? erase : grant)(parts, request.id, options.plan)
    },
    async refuse(id, input) {
      const { operator, reason } = parse(refusalParser, input, 'refusal')
      const refused = { at: parts.environment.now(), operator, reason }
      const actor: Actor = { role: 'operator', id: operator }
      return move(parts, idOf(id), { command: 'refuse', actor, details: { reason }, also: { refused } })
    },
    async reopen(input) {
      await reopen(parts, parse(reopeningParser, input, 'reopening'))
    },
    async find(id) {
      const ref = requestRef(tenant, idOf(id))
      const [found] = await store.get(ref.collection, [ref.key])
      return found ? requestOf(found) : null
    },
    async *list(where) {
      const equals = [parse(listOption, where, 'where').state]
      const range = { tenant, index: 'state', equals }
      for await (const found of store.scan(collections.requests.name, range)) yield requestOf(found)
    },
    async redeem(token, options = {}) {
      const { language = 'en' } = parse(redeemOption, options, 'options')
      return redeem(parts, token, language)
    },
  }
}

async function open(
  parts: RequestParts,
  { subject, sessions = [], receivedAt, ...rest }: RequestInput,
): Promise<RightsRequest> {
  const { store, policy, environment, keys } = parts
  const now = environment.now()
  checkReceived(receivedAt ?? now, now)
  const request: RightsRequest = {
    ...rest,
    id: newId(environment),
    state: 'opened',
    subject,
    subjectDigest: await keys.digest('subject', [subject]),
    sessions,
    category: policy.ownData.requests,
    receivedAt: receivedAt ?? now,
    recordedAt: now,
    due: dueDate(policy, receivedAt ?? now),
  }
  const actor: Actor = rest.operator ? { role: 'operator', id: rest.operator } : requestsActor
  const act = { action: 'requests.opened', actor, ...(receivedAt && { effectiveAt: receivedAt }) }
  await store.commit(requestChanges(parts, { found: null, request, ...act }))
  return request
}

const confirm = (parts: RequestParts, id: string, proof: Proof): Promise<RightsRequest> =>
  settle(parts, async () => {
    const { found, request: before } = await readRequest(parts, id)
    const state = next(before, 'confirm')
    const { actor, changes } = await prove(parts, before, proof)
    const { by, ...attested } = proof.by === 'operator' ? proof : { by: proof.by }
    const request = { ...before, state, confirmed: { at: parts.environment.now(), by, ...attested } }
    const written = requestChanges(parts, { found, request, action: 'requests.confirmed', actor })
    return { changes: [...written, ...changes], result: request }
  })

/**
 * Who the proof shows to have acted, and the changes that use it up. What an operator attests is not enough where the
 * policy asks for a second factor and the person has one: an account is not emptied by a telephone call.
 * @throws NotAuthorised `proof.missing`, `proof.rejected`
 */
async function prove(
  { stepUps, standings, keys }: RequestParts,
  { id, kind, subject = '' }: RightsRequest,
  proof: Proof,
): Promise<{ actor: Actor; changes: Change[] }> {
  if (proof.by === 'operator') {
    if (!(await stepUps.demanded({ subject, act: kind }))) {
      return { actor: { role: 'operator', id: proof.operator }, changes: [] }
    }
    throw new NotAuthorised('proof.missing', 'this person’s second factor is needed', { record: id })
  }
  const spent = await stepUps.spend({ subject, action: kind, request: id, proof: proof.proof })
  const actor: Actor = { role: 'subject', id: await keys.reference(subject) }
  return { actor, changes: [...spent, ...(await standings.touch(subject))] }
}

async function plan(parts: RequestParts, id: string): Promise<Plan> {
  const { policy, environment, keys } = parts
  const { request } = await readRequest(parts, id)
  next(request, 'plan')
  const at = environment.now()
  const there = await survey(parts, { request, at })
  const made = planOf(request, { ...there, policy, at })
  const details = { plan: made.digest }
  await move(parts, id, { command: 'plan', actor: requestsActor, details, also: { plan: made } })
  const revealed = await Promise.all(there.others.map((other) => keys.reveal('merge', other)))
  const others = revealed.map((parts) => otherId(parts, id))
  return others.length > 0 ? { ...made, others } : made
}

/** Moves a request along the table. */
function move(
  parts: RequestParts,
  id: string,
  {
    command,
    also,
    ...act
  }: {
    command: Command
    also: Partial<RightsRequest>
    actor: Actor
    details?: Readonly<Record<string, string>>
  },
): Promise<RightsRequest> {
  const { store, environment } = parts
  return settle({ store, environment }, async () => {
    const { found, request: before } = await readRequest(parts, id)
    const request = { ...before, ...also, state: next(before, command) }
    const action = `requests.${request.state}`
    return { changes: requestChanges(parts, { ...act, found, request, action }), result: request }
  })
}
