/**
 * The shell around consent: one commit per statement (event, standing, ledger), one `get` per decision.
 */

import { idParser, parse } from '../parsing.ts'
import type { DenialPurposeOf, Policy, PurposeOf } from '../policy/model.ts'
import { answer, type Campaigned, type Filtered, filtered } from './asking.ts'
import { type BanLists, type ContactHolders, createBanLists } from './banning.ts'
import { createRecords, type Records } from './exchanging.ts'
import { isCarriedBy, undoneIn } from './merge.ts'
import { createMerging, type Merging } from './merging.ts'
import type {
  CampaignQuestion,
  ConsentEvent,
  Decision,
  Entry,
  EventKind,
  Question,
  Revocation,
  Statement,
} from './model.ts'
import { campaignParser, peopleParser, questionParser } from './parser.ts'
import { createRecorder, purposeIn, type RecorderParts } from './recorder.ts'
import { createSignals, type Signals } from './signalling.ts'
import { consentStream, entriesOf } from './source.ts'
import { createUnsubscribing, type Unsubscribing } from './unsubscribing.ts'

/** Consents and denials of one tenant. */
export interface Consent<P extends Policy = Policy>
  extends Unsubscribing<P>,
    Signals<P>,
    BanLists<P>,
    Records,
    Merging {
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
   *   guardian); Conflict `conflict.erased`; `conflict.state` where the id was merged into another
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

interface Parts<P extends Policy> extends Omit<RecorderParts, 'tenant'> {
  readonly policy: P
  readonly holders: ContactHolders
}

/** Makes the consent service of a tenant. */
export function createConsent<P extends Policy>(tenant: string, given: Parts<P>): Consent<P> {
  const parts = { ...given, tenant }
  const { policy } = parts
  const recorder = createRecorder(parts)
  const list = (subject: string) => listed(parts, subject)
  const record = async (kind: EventKind, input: Statement | Revocation): Promise<ConsentEvent> =>
    (await recorder.record(kind, input, () => false)) as ConsentEvent

  const others = { ...parts, recorder, list }
  return {
    ...createUnsubscribing<P>(others),
    ...createSignals<P>(others),
    ...createBanLists<P>(others),
    ...createRecords(others),
    ...createMerging(others),
    deny: (statement) => record('denied', statement),
    give: (statement) => record('given', statement),
    renew: (statement) => record('renewed', statement),
    refuse: (statement) => record('refused', statement),
    withdraw: (statement) => record('withdrawn', statement),
    revoke: (revocation) => record('revoked', revocation),

    async decide(input) {
      const question = parse(questionParser, input as Question, 'question')
      purposeIn(policy, { name: question.purpose, what: 'question' })
      return answer(parts, question)
    },

    filter(people, input) {
      parse(peopleParser, people, 'people')
      const question = parse(campaignParser, input as CampaignQuestion, 'question')
      purposeIn(policy, { name: question.purpose, what: 'question' })
      return filtered(parts, { people, question })
    },

    list,
  }
}

/** What a merge carried over and was undone since is not theirs. */
async function* listed(
  parts: Pick<RecorderParts, 'tenant' | 'store' | 'standings'>,
  input: string,
): AsyncIterable<ConsentEvent> {
  const subject = parse(idParser, input, 'subject')
  if ((await parts.standings.read(subject)).standing.state === 'erased') return
  const { collection, key: stream } = consentStream(parts.tenant, subject)
  let undone: ReadonlySet<string> | undefined
  for await (const { value } of parts.store.scan(collection, { stream })) {
    const entry = value as unknown as Entry
    if (!('by' in entry)) continue
    if (entry.via?.how === 'carried') undone ??= undoneIn(await entriesOf(parts, subject))
    if (undone === undefined || !isCarriedBy(entry, undone)) yield entry
  }
}
