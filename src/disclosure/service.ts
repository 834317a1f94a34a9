/**
 * The shell around disclosures: asks consent, decides, and records what was permitted in the commit that permits it.
 */

import { addPeriod, dayBounds, later, todayOf } from '../calendar.ts'
import { settle } from '../commit.ts'
import type { Decision, Question } from '../consent/model.ts'
import { type CalendarDate, type Instant, newId } from '../environment.ts'
import { InvalidInput } from '../errors.ts'
import type { Actor } from '../ledger/model.ts'
import { idParser, parse } from '../parsing.ts'
import type { Policy, PurposeOf, RecipientOf } from '../policy/model.ts'
import type { ServiceParts } from '../services.ts'
import type { Change, JsonValue } from '../store.ts'
import { apply } from './applying.ts'
import { choose, review } from './choosing.ts'
import { findLink, link, links, unlink } from './linking.ts'
import type {
  DisclosureDecision,
  DisclosureEntry,
  DisclosureJob,
  DisclosureQuestion,
  LinkEvent,
  LinkInput,
  RecipientChoice,
  ReviewedTransfer,
  UnlinkInput,
} from './model.ts'
import { accountParser, disclosureParser, evaluationParser, jobParser, reviewParser } from './parser.ts'
import { isSecret, type Judged, judge } from './rules.ts'
import { disclosureStream } from './source.ts'

/** Disclosures of one tenant. */
export interface Disclosure<P extends Policy = Policy> {
  /**
   * Whether these fields about a person may be given to a recipient today; what is permitted is recorded at once.
   * An unknown recipient is a denial, not an error: the default is no. A denied disclosure is not recorded.
   * @throws InvalidInput `input.invalid`, `input.not-in-policy` (the purpose)
   * @throws Conflict `conflict.erased` where the person is erased at the same moment
   * @see the policy, "Disclosure"; GDPR 44-49
   */
  decide(question: DisclosureQuestion<RecipientOf<P>, PurposeOf<P>>): Promise<DisclosureDecision>
  /**
   * What `decide` would answer, on the day `on` (absent: today), by the present policy and the law of that day, with the
   * consents and links of that day as far as they are on record. Records nothing, so nothing may be handed over by it.
   * @throws InvalidInput as {@link Disclosure.decide}; a day more than ten years ahead
   */
  evaluate(
    question: DisclosureQuestion<RecipientOf<P>, PurposeOf<P>> & { readonly on?: CalendarDate },
  ): Promise<DisclosureDecision>
  /**
   * Which of several subcontractors is to do a job: those inside the EEA before others. About the job, and no person:
   * ask `decide` about each person before the data are given. Records nothing.
   * @throws InvalidInput `input.invalid`, `input.not-in-policy` (the purpose)
   * @see the policy, "Disclosure": subcontractors in the EU or EEA are preferred
   */
  choose(job: DisclosureJob<RecipientOf<P>, PurposeOf<P>>): Promise<RecipientChoice>
  /**
   * The members of a host's record, by `group.field` names, that a decision permits, and nothing else. It does not look at
   * the clock: a denial since is seen by nobody who does not ask `decide` anew.
   * @throws InvalidInput `input.invalid` for a decision that was denied, or is not on record
   */
  apply<T extends Readonly<Record<string, unknown>>>(decision: DisclosureDecision, record: T): Partial<T>
  /**
   * Records that a customer connected a partner's product: the ground `partner` holds from the first day to the last.
   * @throws InvalidInput `input.invalid`, `input.not-in-policy` (no recipient on the ground `partner`)
   * @throws Conflict `conflict.erased`
   */
  link(input: LinkInput<RecipientOf<P>>): Promise<LinkEvent>
  /**
   * Records that a customer took a partner's product away: every link to that partner made so far ends. Obeyed from
   * this call on, unless a last day is named. Throws as {@link Disclosure.link} does.
   */
  unlink(input: UnlinkInput<RecipientOf<P>>): Promise<LinkEvent>
  /** The links of a person on record, oldest first; none of one that was erased. @throws InvalidInput `input.invalid` */
  links(subject: string): AsyncIterable<LinkEvent>
  /**
   * What was disclosed about a person, to whom and why, oldest first; nothing of one that was erased. For the person:
   * what an authority wants kept secret is left out until the day after its last; for an `operator` it is there.
   * @throws InvalidInput `input.invalid`
   * @see GDPR 15(1)(c), 23(1)
   */
  account(
    subject: string,
    options?: { readonly audience?: 'subject' | 'operator' },
  ): AsyncIterable<DisclosureEntry>
  /**
   * What becomes of the transfers to all recipients of the policy: as they are on the day `on` (absent: today), beside how
   * they were `from` (absent: today, or `on` where that is past), and until when what was permitted holds.
   * @throws InvalidInput `input.invalid` where `on` lies before `from`
   * @see GDPR 44-49
   */
  review(days?: {
    readonly from?: CalendarDate
    readonly on?: CalendarDate
  }): Promise<readonly ReviewedTransfer[]>
}

interface Parts extends ServiceParts {
  readonly policyDigest: string
  /** What consent says about a purpose. */
  readonly consent: (question: Question) => Promise<Decision>
}

const actor: Actor = { role: 'system', id: 'disclosure' }

/** Makes the disclosures of a tenant. */
export function createDisclosure<P extends Policy>(
  tenant: string,
  given: Omit<Parts, 'tenant'>,
): Disclosure<P> {
  const parts = { ...given, tenant }
  const today = (): CalendarDate => todayOf(parts.policy, parts.environment.now())
  return {
    apply,
    decide: (question) => decide(parts, question),
    evaluate: (question) => evaluate(parts, question),
    async choose(input) {
      const job = parse<DisclosureJob>(jobParser, input, 'job')
      checkPurpose(parts, job.purpose, 'job')
      return choose(job, { policy: parts.policy, on: job.on ?? today() })
    },
    link: async (input) => link(parts, input),
    unlink: async (input) => unlink(parts, input),
    links: (subject) => links(parts, subject),
    account: (subject, options) => account(parts, subject, options),
    async review(input = {}) {
      const { on = today(), from = earlier(on, today()) } = parse(reviewParser, input, 'review')
      if (on < from) throw wrong('review.on', 'lies before the day it is compared with')
      return review(parts.policy, { from, on })
    },
  }
}

/** @throws InvalidInput `input.not-in-policy` */
function checkPurpose({ policy }: Parts, purpose: string, what: 'question' | 'job'): void {
  if (Object.hasOwn(policy.purposes, purpose)) return
  const path = `${what}.purpose`
  throw new InvalidInput('input.not-in-policy', 'purpose is not in the policy', { path })
}

async function decide(parts: Parts, input: unknown): Promise<DisclosureDecision> {
  const { policy, environment, standings } = parts
  const question = parse(disclosureParser, input, 'question')
  const { subject } = question
  checkPurpose(parts, question.purpose, 'question')
  checkSecrecy(parts, question)
  return settle(parts, async () => {
    // Read before consent is asked: a denial that comes in between makes the commit fail, and is seen by the next try.
    const read = await standings.read(subject)
    const at = environment.now()
    const on = todayOf(policy, at)
    const judged = await judgedOn(parts, question, { on })
    const { decision } = judged
    if (decision.outcome === 'deny') return { changes: [], result: held(decision) }
    const entry = entryOf(parts, question, { judged, at })
    const recorded = await record(parts, { entry, subject, clause: decision.because[0].clause })
    return { changes: [standings.hold(read), ...recorded], result: held({ ...decision, record: entry.id }) }
  })
}

/** So that what is handed over is what is on record. */
const held = (decision: DisclosureDecision): DisclosureDecision =>
  Object.freeze({ ...decision, fields: Object.freeze([...decision.fields]) })

async function evaluate(parts: Parts, input: unknown): Promise<DisclosureDecision> {
  const { policy, environment } = parts
  const { on: asked, ...question } = parse(evaluationParser, input, 'question')
  checkPurpose(parts, question.purpose, 'question')
  checkSecrecy(parts, question)
  const today = todayOf(policy, environment.now())
  const on = asked ?? today
  checkNear(on, { today, path: 'question.on' })
  if (on === today) return held((await judgedOn(parts, question, { on })).decision)
  const { from, before } = dayBounds(policy.timeZone, on)
  // A day that is past is taken at its end, one ahead at its beginning: as near to now as it comes.
  const at = on < today ? later(before, -1) : from
  return held((await judgedOn(parts, question, { on, at })).decision)
}

/** What speaks for and against a question on a day; `at` where that is not today. */
async function judgedOn(
  parts: Parts,
  question: DisclosureQuestion,
  { on, at }: { on: CalendarDate; at?: Instant },
): Promise<Judged & { readonly link: string | undefined }> {
  const { subject, recipient, ground } = question
  const consent = await parts.consent({ ...consentAsked(question), ...(at !== undefined && { at }) })
  const link = ground === 'partner' ? await findLink(parts, { subject, recipient, on }) : undefined
  const basis = { policy: parts.policy, consent, on, ...(link !== undefined && { link }) }
  return { ...judge(question, basis), link }
}

/** What consent is asked. */
function consentAsked(question: DisclosureQuestion): Question {
  const { subject, purpose, channel, contact, relationship, necessity } = question
  return {
    ...{ subject, purpose },
    ...(channel && { channel }),
    ...(contact !== undefined && { contact }),
    ...(relationship && { relationship }),
    ...(necessity && { necessity }),
  }
}

/** An order without an end would keep a disclosure out of the account for good. */
function checkSecrecy({ policy, environment }: Parts, { law }: DisclosureQuestion): void {
  if (law?.secrecy === undefined) return
  const today = todayOf(policy, environment.now())
  checkNear(law.secrecy.until, { today, path: 'question.law.secrecy.until' })
}

/** Consent looks no further ahead either. */
function checkNear(day: CalendarDate, { today, path }: { today: CalendarDate; path: string }): void {
  if (day > addPeriod(today, { years: 10 })) throw wrong(path, 'lies more than ten years ahead')
}

const wrong = (path: string, says: string): InvalidInput =>
  new InvalidInput('input.invalid', `${path} ${says}`, { path })

const earlier = (a: CalendarDate, b: CalendarDate): CalendarDate => (a < b ? a : b)

/** The entry of a permitted disclosure. */
function entryOf(
  { environment, policy, policyDigest }: Parts,
  { recipient, ground, purpose, channel, law, agreement, derogation, necessity }: DisclosureQuestion,
  { judged: { decision, transfer, link }, at }: { judged: Awaited<ReturnType<typeof judgedOn>>; at: Instant },
): DisclosureEntry {
  const rule = String(transfer?.rule)
  return {
    ...{ recipient, ground, purpose, at },
    id: newId(environment),
    fields: decision.fields,
    transfer: rule,
    ...(channel && { channel }),
    ...(link !== undefined && { link }),
    ...(law && { law }),
    ...(agreement && { agreement }),
    ...(derogation && rule === 'transfer.derogation' && { derogation }),
    ...(necessity && { necessity }),
    ...{ policyVersion: policy.version, policyDigest },
    category: policy.ownData.disclosures,
  }
}

/** The record of a permitted disclosure, in the subject's account and in the ledger. */
async function record(
  { tenant, store, keys, ledger }: Parts,
  { entry, subject, clause }: { entry: DisclosureEntry; subject: string; clause: string },
): Promise<Change[]> {
  const ref = disclosureStream(tenant, subject)
  const [last] = await store.get(ref.collection, [ref.key])
  const { id, recipient, fields, ground, purpose, transfer } = entry
  const said = { recipient, fields: fields.join(' '), ground, purpose, transfer }
  const details = { subject: await keys.reference(subject), ...said }
  return [
    { append: ref, id, value: entry as unknown as JsonValue, expect: (last?.version ?? 0) + 1 },
    ...ledger.changes({ action: 'disclosure.permitted', actor, record: id, clause, details }),
  ]
}

async function* account(
  { tenant, store, standings, policy, environment }: Parts,
  input: unknown,
  options: unknown = {},
): AsyncIterable<DisclosureEntry> {
  const subject = parse(idParser, input, 'subject')
  const { audience = 'subject' } = parse(accountParser, options, 'options')
  if ((await standings.read(subject)).standing.state === 'erased') return
  const { collection, key: stream } = disclosureStream(tenant, subject)
  for await (const { value } of store.scan(collection, { stream })) {
    const entry = value as unknown as DisclosureEntry
    const shown = audience === 'operator' || !isSecret(entry, todayOf(policy, environment.now()))
    if (shown) yield entry
  }
}
