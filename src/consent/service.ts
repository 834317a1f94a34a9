/**
 * The shell around consent: one commit per statement (event, standing, ledger), one `get` per decision.
 */

import { settle } from '../commit.ts'
import { type Environment, newId } from '../environment.ts'
import { Conflict, InvalidInput } from '../errors.ts'
import type { Act, Actor } from '../ledger/model.ts'
import { idParser, parse } from '../parsing.ts'
import type { DenialPurposeOf, Policy, Purpose, PurposeOf } from '../policy/model.ts'
import type { Keys, LedgerWriter, Standings } from '../services.ts'
import type { JsonValue, Store } from '../store.ts'
import { answer, type Campaigned, type Filtered, filtered } from './asking.ts'
import { type BanLists, type ContactHolders, createBanLists } from './banning.ts'
import { createRecords, type Records } from './exchanging.ts'
import type {
  CampaignQuestion,
  ConsentEvent,
  Decision,
  Entry,
  EventKind,
  Question,
  Revocation,
  Standing,
  Statement,
} from './model.ts'
import { isRenewed } from './noes.ts'
import { campaignParser, questionParser, revocationParser, statementParser } from './parser.ts'
import type { Recorder } from './recorder.ts'
import { createSignals, type Signals } from './signalling.ts'
import { consentStream } from './source.ts'
import { apply } from './standing.ts'
import { putStanding, refuseErased } from './standings.ts'
import { isTaken, statedOf } from './statement.ts'
import { createUnsubscribing, type Unsubscribing } from './unsubscribing.ts'

/** Consents and denials of one tenant. */
export interface Consent<P extends Policy = Policy>
  extends Unsubscribing<P>,
    Signals<P>,
    BanLists<P>,
    Records {
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
   *   somebody took the consent down, `proxy` where somebody spoke for the person, and of a child below the age limit a
   *   guardian); Conflict `conflict.erased`
   * @see GDPR 7, 8
   */
  give(statement: Statement<PurposeOf<P>>): Promise<ConsentEvent>
  /**
   * Gives a consent that stands a new term: until `expiresAt`, or without end. By whoever gave it: the person, a proxy, a
   * list. It is no new consent, and outweighs nothing that the consent itself did not.
   * @throws Conflict `conflict.state` where no such consent stands; `conflict.erased`; InvalidInput as {@link Consent.give}
   */
  renew(statement: Statement<PurposeOf<P>>): Promise<ConsentEvent>
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
   * Records that somebody else than the person ended a consent. It counts like a withdrawal.
   * @throws InvalidInput; Conflict `conflict.erased`
   */
  revoke(revocation: Revocation<PurposeOf<P>>): Promise<ConsentEvent>
  /**
   * Whether something may be done with a person's data, and why: now, or at the moment `at`, as far as had been recorded
   * by `asKnownAt`. Costs one read of the store, and for a moment that is past the person's whole stream. It is decided
   * by the present policy; what is kept by address, and an erasure, count for every moment.
   * @throws InvalidInput `input.not-in-policy`, `input.invalid`
   * @throws IntegrityFailure `record.corrupt`: what is stored cannot be read, and permits nothing
   */
  decide(question: Question<PurposeOf<P>>): Promise<Decision>
  /**
   * Those of a campaign's people for whom {@link Consent.decide} permits it, in the order in which they come, with a count
   * by reason: `for await` over it once. Decided for a batch at a time, when the batch is read; at most 1,000 people are
   * held. A denial recorded after that is seen by the next batch: send as you read.
   * @throws InvalidInput as {@link Consent.decide}, and while reading for a person who is not one; IntegrityFailure
   */
  filter<T extends Campaigned>(
    people: AsyncIterable<T> | Iterable<T>,
    question: CampaignQuestion<PurposeOf<P>>,
  ): Filtered<T>
  /**
   * Every statement about a subject, oldest first; none about one that was erased, whatever had to be kept.
   * @throws InvalidInput `input.invalid`
   */
  list(subject: string): AsyncIterable<ConsentEvent>
}

interface Parts<P extends Policy> {
  readonly policy: P
  readonly policyDigest: string
  readonly store: Store
  readonly environment: Environment
  readonly keys: Keys
  readonly ledger: LedgerWriter
  readonly standings: Standings
  readonly holders: ContactHolders
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

/** Makes the consent service of a tenant. */
export function createConsent<P extends Policy>(
  tenant: string,
  { policy, policyDigest, store, environment, keys, ledger, standings: subjects, holders }: Parts<P>,
): Consent<P> {
  const parts = { tenant, policy, store, environment, keys }

  function purposeOf(name: string, what: string): Purpose {
    const purpose = Object.hasOwn(policy.purposes, name) ? policy.purposes[name] : undefined
    if (purpose === undefined) {
      throw new InvalidInput('input.not-in-policy', 'purpose is not in the policy', {
        path: `${what}.purpose`,
      })
    }
    return purpose
  }

  const record = async (kind: EventKind, input: Statement | Revocation): Promise<ConsentEvent> =>
    (await recordUnless(kind, input, () => false)) as ConsentEvent

  async function recordUnless(
    kind: EventKind,
    input: Statement | Revocation,
    needless: (standing: Standing) => boolean,
  ): Promise<ConsentEvent | null> {
    const parser = kind === 'revoked' ? revocationParser : statementParser
    const statement = parse<Statement | Revocation>(parser, input, 'statement')
    const purpose = purposeOf(statement.purpose, 'statement')
    if (kind === 'denied' && purpose.denial === undefined) {
      throw new InvalidInput('input.not-in-policy', 'the policy has no denial of this purpose', {
        path: 'statement.purpose',
      })
    }
    return settle({ store, environment }, async () => {
      const now = environment.now()
      const stated = statedOf({ kind, statement, policy, now })
      const { subject } = statement
      const before = await subjects.read(subject)
      refuseErased(before.standing)
      const reference = await keys.reference(subject)
      // About somebody new the reference has made a key, which touches the standing.
      const { at, found, standing } = before.found ? before : await subjects.read(subject)
      refuseErased(standing)
      if (needless(standing)) return { changes: [], result: null }
      const event: ConsentEvent = {
        ...stated,
        id: newId(environment),
        recordedAt: now,
        policyVersion: policy.version,
        policyDigest,
        category: policy.ownData.consents,
      }
      const after = apply(standing, event)
      // As of the moment it takes effect: a term that has run out by now ends the consent all the same.
      if (kind === 'renewed' && !isRenewed(after, { policy, event, at: event.effectiveAt })) {
        throw new Conflict('conflict.state', 'no consent stands that could be renewed')
      }
      const actor = actorOf(statement, reference)
      const acted = ledger.changes(actOf(event, { actor, reference, clause: purpose.clause }))
      const stream = consentStream(tenant, subject)
      const value = event as unknown as JsonValue
      const appended = { append: stream, id: event.id, value, expect: after.events }
      return { changes: [putStanding({ at, standing: after, found }), appended, ...acted], result: event }
    })
  }

  async function* list(input: string): AsyncIterable<ConsentEvent> {
    const subject = parse(idParser, input, 'subject')
    if ((await subjects.read(subject)).standing.state === 'erased') return
    const { collection, key: stream } = consentStream(tenant, subject)
    for await (const { value } of store.scan(collection, { stream })) {
      const entry = value as unknown as Entry
      if ('by' in entry) yield entry
    }
  }

  const recorder: Recorder = { record: recordUnless }
  const others = { ...parts, ledger, standings: subjects, recorder, holders, list }
  return {
    ...createUnsubscribing<P>(others),
    ...createSignals<P>(others),
    ...createBanLists<P>(others),
    ...createRecords(others),
    deny: (statement) => record('denied', statement),
    give: (statement) => record('given', statement),
    renew: (statement) => record('renewed', statement),
    refuse: (statement) => record('refused', statement),
    withdraw: (statement) => record('withdrawn', statement),
    revoke: (revocation) => record('revoked', revocation),

    async decide(input) {
      const question = parse(questionParser, input as Question, 'question')
      purposeOf(question.purpose, 'question')
      return answer(parts, question)
    },

    filter(people, input) {
      const question = parse(campaignParser, input as CampaignQuestion, 'question')
      purposeOf(question.purpose, 'question')
      return filtered(parts, { people, question })
    },

    list,
  }
}
