/**
 * The shell around consent: one commit per statement (event, standing, ledger), one `get` per decision.
 */

import { collections } from '../collections.ts'
import { settle } from '../commit.ts'
import { type Environment, type Instant, newId } from '../environment.ts'
import { InvalidInput } from '../errors.ts'
import type { Actor } from '../ledger/model.ts'
import { idParser, parse } from '../parsing.ts'
import type { DenialPurposeOf, Policy, Purpose, PurposeOf } from '../policy/model.ts'
import type { Keys, LedgerWriter, Standings } from '../services.ts'
import type { JsonValue, Store } from '../store.ts'
import {
  type ConsentEvent,
  type Decision,
  type EventKind,
  type Question,
  questionParser,
  type Statement,
  statementParser,
} from './model.ts'
import { decide } from './rules.ts'
import { consentStream } from './source.ts'
import { apply, checkStatement, isTaken } from './standing.ts'
import { contactPlace, putStanding, refuseErased, standingOf, subjectPlace } from './standings.ts'

/** Consents and denials of one tenant. */
export interface Consent<P extends Policy = Policy> {
  /**
   * Records that a person prohibits a purpose; it is obeyed from this call on.
   * @throws InvalidInput `input.not-in-policy` where the purpose is not one that can be denied; `input.invalid`
   * @throws Conflict `conflict.erased` where the subject was erased
   * @see GDPR 21(2)-(3); the policy, "Right for denial"
   */
  deny(statement: Statement<DenialPurposeOf<P>>): Promise<ConsentEvent>
  /**
   * Records a person's explicit consent to a purpose. It counts once it was both made and recorded after every no;
   * an absolute denial yields to the person's own word only, not to `proxy` and not to `list-import`.
   * @throws InvalidInput `input.not-in-policy`, `input.invalid` (`gpc` is never consent; `operator` is needed where
   *   somebody took the consent down); Conflict `conflict.erased`
   * @see GDPR 7
   */
  give(statement: Statement<PurposeOf<P>>): Promise<ConsentEvent>
  /**
   * Records that consent was asked for and refused: a record of its own, never a missing one. It does not expire.
   * @throws InvalidInput; Conflict `conflict.erased`
   */
  refuse(statement: Omit<Statement<PurposeOf<P>>, 'expiresAt'>): Promise<ConsentEvent>
  /**
   * Records that consent is taken back. It does not expire.
   * @throws InvalidInput; Conflict `conflict.erased`
   * @see GDPR 7(3)
   */
  withdraw(statement: Omit<Statement<PurposeOf<P>>, 'expiresAt'>): Promise<ConsentEvent>
  /**
   * Whether something may be done with a person's data now, and why. Costs one read of the store.
   * @throws InvalidInput `input.not-in-policy`, `input.invalid`
   * @throws IntegrityFailure `record.corrupt`: what is stored cannot be read, and permits nothing
   */
  decide(question: Question<PurposeOf<P>>): Promise<Decision>
  /**
   * Every statement about a subject, oldest first; none about one that was erased, whatever had to be kept.
   * @throws InvalidInput `input.invalid`
   */
  list(subject: string): AsyncIterable<ConsentEvent>
}

interface Parts<P extends Policy> {
  readonly policy: P
  readonly store: Store
  readonly environment: Environment
  readonly keys: Keys
  readonly ledger: LedgerWriter
}

/** Makes the consent service of a tenant. */
export function createConsent<P extends Policy>(
  tenant: string,
  { policy, store, environment, keys, ledger, standings: subjects }: Parts<P> & { standings: Standings },
): Consent<P> {
  function purposeOf(name: string, what: string): Purpose {
    const purpose = Object.hasOwn(policy.purposes, name) ? policy.purposes[name] : undefined
    if (purpose === undefined) {
      throw new InvalidInput('input.not-in-policy', 'purpose is not in the policy', {
        path: `${what}.purpose`,
      })
    }
    return purpose
  }

  async function record(kind: EventKind, input: Statement): Promise<ConsentEvent> {
    const statement = parse(statementParser, input, 'statement')
    const purpose = purposeOf(statement.purpose, 'statement')
    if (kind === 'denied' && purpose.denial === undefined) {
      throw new InvalidInput('input.not-in-policy', 'the policy has no denial of this purpose', {
        path: 'statement.purpose',
      })
    }
    return settle({ store, environment }, async () => {
      const now = environment.now()
      checkStatement(kind, { statement, now })
      const { subject } = statement
      const before = await subjects.read(subject)
      refuseErased(before.standing)
      const reference = await keys.reference(subject)
      // About somebody new the reference has made a key, which touches the standing.
      const { at, found, standing } = before.found ? before : await subjects.read(subject)
      const event = eventOf(kind, { statement, now })
      const stream = consentStream(tenant, statement.subject)
      return {
        changes: [
          putStanding({ at, standing: apply(standing, event), found }),
          { append: stream, id: event.id, value: event as unknown as JsonValue, expect: standing.events + 1 },
          ...ledger.changes({
            action: `consent.${kind}`,
            actor: await actorOf(statement),
            record: event.id,
            clause: purpose.clause,
            effectiveAt: event.effectiveAt,
            details: {
              subject: reference,
              purpose: event.purpose,
              by: event.by,
            },
          }),
        ],
        result: event,
      }
    })
  }

  /** Who recorded it: the operator; the person at a screen; or, of what was taken down unsigned, the host's system. */
  async function actorOf({ operator, subject, by }: Statement): Promise<Actor> {
    if (operator !== undefined) return { role: 'operator', id: operator }
    if (isTaken(by)) return { role: 'system', id: 'consent' }
    return { role: 'subject', id: await keys.reference(subject) }
  }

  function eventOf(
    kind: EventKind,
    { statement, now }: { statement: Statement; now: Instant },
  ): ConsentEvent {
    const { subject: _, effectiveAt, ...stated } = statement
    return {
      ...stated,
      id: newId(environment),
      kind,
      effectiveAt: effectiveAt ?? now,
      recordedAt: now,
      policyVersion: policy.version,
      category: policy.ownData.consents,
    }
  }

  return {
    deny: (statement) => record('denied', statement),
    give: (statement) => record('given', statement),
    refuse: (statement) => record('refused', statement),
    withdraw: (statement) => record('withdrawn', statement),

    async decide(input) {
      const { subject, purpose, channel, contact } = parse(questionParser, input as Question, 'question')
      purposeOf(purpose, 'question')
      const at = environment.now()
      const places = [await subjectPlace({ tenant, keys }, subject)]
      if (contact !== undefined) places.push(await contactPlace({ tenant, keys }, contact))
      const [standing = null, address = null] = await store.get(collections.standings.name, places)
      const found = { standing: standingOf(standing), address: standingOf(address) }
      return decide({ policy, purpose, ...(channel && { channel }), ...found, at })
    },

    async *list(input) {
      const subject = parse(idParser, input, 'subject')
      if ((await subjects.read(subject)).standing.state === 'erased') return
      const { collection, key: stream } = consentStream(tenant, subject)
      for await (const { value } of store.scan(collection, { stream })) yield value as unknown as ConsentEvent
    },
  }
}
