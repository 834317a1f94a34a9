/**
 * The life of a request: each act is one commit of the request's record with its ledger entry; what an erasure does to
 * the sources lies between two of them and can be done again at any point.
 */

import { collections } from '../collections.ts'
import { settle } from '../commit.ts'
import { newId } from '../environment.ts'
import { NotAuthorised } from '../errors.ts'
import type { Actor } from '../ledger/model.ts'
import { parse } from '../parsing.ts'
import type { Language } from '../policy/model.ts'
import { key } from '../values.ts'
import { createErasure } from './erasure.ts'
import { createExport } from './export.ts'
import {
  type Plan,
  type Proof,
  proofParser,
  type RefusalReason,
  type Report,
  type RequestInput,
  type RequestState,
  type RightsRequest,
  refusalParser,
  requestParser,
} from './model.ts'
import { createRequestStore, type RequestParts } from './record.ts'
import { type Command, checkPlan, checkReceived, dueDate, next } from './rules.ts'
import { planFrom } from './walk.ts'

const collection = collections.requests.name

/** Rights requests of one tenant. */
export interface Requests {
  /**
   * Records a request. Nothing is done until it is confirmed.
   * @throws InvalidInput `input.invalid`
   * @see GDPR 12(3), 15, 17, 20
   */
  open(input: RequestInput): Promise<RightsRequest>
  /**
   * Records that the request was shown to come from the person.
   * @throws NotAuthorised `proof.rejected`; NotFound; Conflict `conflict.state`
   * @see GDPR 12(6)
   */
  confirm(id: string, proof: Proof): Promise<RightsRequest>
  /**
   * Walks every source and says what would go, what must stay, why and until when; touches nothing.
   * @throws NotFound; Conflict `conflict.state` (not confirmed, or already running)
   */
  plan(id: string): Promise<Plan>
  /**
   * Carries out the plan of that digest. Cut off at any point, the same call goes on where it stopped; on a request
   * that is fulfilled it gives the report again (without the token).
   * @throws Conflict `conflict.plan` (stale, or another plan), `conflict.state`
   * @throws IntegrityFailure `erasure.residue`: reading back found what should be gone; the request stays running
   */
  fulfil(id: string, options: { readonly plan: string }): Promise<Report>
  /** Refuses a request, with the reason. @see GDPR 12(4)-(5) */
  refuse(
    id: string,
    refusal: { readonly operator: string; readonly reason: RefusalReason },
  ): Promise<RightsRequest>
  /** The request, or `null`. */
  find(id: string): Promise<RightsRequest | null>
  /** The requests in a state, in order of receipt. */
  list(where: { readonly state: RequestState }): AsyncIterable<RightsRequest>
  /**
   * The archive of a fulfilled export as a stream of ZIP bytes, made afresh. The token is spent once the last byte was
   * read.
   * @throws NotAuthorised `proof.rejected`: unknown, expired or spent, without saying which
   */
  redeem(token: string, options?: { readonly language?: Language }): Promise<ReadableStream<Uint8Array>>
}

/** Makes the requests of a tenant. */
export function createRequests(parts: RequestParts): Requests {
  const { tenant, policy, store, environment, keys } = parts
  const requests = createRequestStore(parts)
  const erasure = createErasure(parts, requests)
  const exports = createExport(parts, requests)

  /** Moves a request along the table. */
  function move(
    id: string,
    command: Command,
    { actor, details, also }: { actor: Actor; details?: object; also: Partial<RightsRequest> },
  ): Promise<RightsRequest> {
    return settle({ store, environment }, async () => {
      const { found, request } = await requests.read(id)
      const state = next(request, command)
      const after = { ...request, ...also, state }
      const act = { found, action: `requests.${state}`, actor, ...(details && { details }) }
      return { changes: requests.changes(after, act), result: after }
    })
  }

  async function prove(request: RightsRequest, proof: Proof): Promise<Actor> {
    if (proof.by === 'operator') return { role: 'operator', id: proof.operator }
    const subject = request.subject ?? ''
    if (!(await parts.verifyFactor(subject, proof.code))) {
      throw new NotAuthorised('proof.rejected', 'the proof was not accepted', { record: request.id })
    }
    return { role: 'subject', id: await keys.reference(subject) }
  }

  async function makePlan(request: RightsRequest): Promise<Plan> {
    return planFrom(request, { ...parts, at: environment.now() })
  }

  return {
    async open(input) {
      const { subject, sessions = [], receivedAt, ...rest } = parse(requestParser, input, 'request')
      const now = environment.now()
      checkReceived(receivedAt ?? now, now)
      const request: RightsRequest = {
        ...rest,
        id: newId(environment),
        state: 'opened',
        subject,
        subjectDigest: await keys.digest('subject', [subject]),
        sessions,
        receivedAt: receivedAt ?? now,
        recordedAt: now,
        due: dueDate(policy, receivedAt ?? now),
      }
      const actor: Actor = { role: rest.operator ? 'operator' : 'system', id: rest.operator ?? 'requests' }
      await store.commit(requests.changes(request, { found: null, action: 'requests.opened', actor }))
      return request
    },

    async confirm(id, input) {
      const proof = parse(proofParser, input, 'proof')
      const { request } = await requests.read(id)
      next(request, 'confirm')
      const actor = await prove(request, proof)
      const { by, ...attested } = proof.by === 'operator' ? proof : { by: proof.by }
      const confirmed = { at: environment.now(), by, ...attested }
      return move(id, 'confirm', { actor, also: { confirmed } })
    },

    async plan(id) {
      const { request } = await requests.read(id)
      next(request, 'plan')
      const plan = await makePlan(request)
      const actor: Actor = { role: 'system', id: 'requests' }
      await move(id, 'plan', { actor, details: { plan: plan.digest }, also: { plan } })
      return plan
    },

    async fulfil(id, { plan }) {
      const { request } = await requests.read(id)
      if (request.state === 'fulfilled' && request.plan?.digest === plan) return request.report as Report
      next(request, 'start')
      // A run that was cut off has changed what the plan was made from: the stored plan stands.
      const now = request.state === 'running' && request.plan ? request.plan : await makePlan(request)
      checkPlan(request, { digest: plan, now })
      return request.kind === 'erasure' ? erasure.run(request) : exports.grant(request)
    },

    async refuse(id, input) {
      const { operator, reason } = parse(refusalParser, input, 'refusal')
      const refused = { at: environment.now(), operator, reason }
      return move(id, 'refuse', {
        actor: { role: 'operator', id: operator },
        details: { reason },
        also: { refused },
      })
    },

    async find(id) {
      const [found] = await store.get(collection, [key(tenant, String(id))])
      return found ? (found.value as unknown as RightsRequest) : null
    },

    async *list({ state }) {
      for await (const { value } of store.scan(collection, { tenant, index: 'state', equals: [state] })) {
        yield value as unknown as RightsRequest
      }
    },

    redeem: (token, { language = 'en' } = {}) => exports.redeem(token, language),
  }
}
