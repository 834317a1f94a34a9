/**
 * The shell around disclosures: asks consent, decides, and records what was permitted in the commit that permits it.
 */

import { todayOf } from '../calendar.ts'
import { settle } from '../commit.ts'
import type { Decision, Question } from '../consent/model.ts'
import { type Environment, newId } from '../environment.ts'
import { InvalidInput } from '../errors.ts'
import type { Actor } from '../ledger/model.ts'
import { idParser, parse } from '../parsing.ts'
import type { Policy, PurposeOf, RecipientOf } from '../policy/model.ts'
import type { Keys, LedgerWriter, Standings } from '../services.ts'
import type { Change, JsonValue, Store } from '../store.ts'
import {
  type DisclosureDecision,
  type DisclosureEntry,
  type DisclosureQuestion,
  disclosureParser,
} from './model.ts'
import { judge } from './rules.ts'
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
   * What was disclosed about a person, to whom and why, oldest first; nothing of one that was erased.
   * @throws InvalidInput `input.invalid`
   * @see GDPR 15(1)(c)
   */
  account(subject: string): AsyncIterable<DisclosureEntry>
}

interface Parts {
  readonly policy: Policy
  readonly store: Store
  readonly environment: Environment
  readonly keys: Keys
  readonly ledger: LedgerWriter
  readonly standings: Standings
  /** What consent says about a purpose. */
  readonly consent: (question: Question) => Promise<Decision>
  readonly tenant: string
}

const actor: Actor = { role: 'system', id: 'disclosure' }

/** Makes the disclosures of a tenant. */
export function createDisclosure<P extends Policy>(
  tenant: string,
  given: Omit<Parts, 'tenant'>,
): Disclosure<P> {
  const parts = { ...given, tenant }
  return {
    decide: (question) => decide(parts, question),
    account: (subject) => account(parts, subject),
  }
}

async function decide(parts: Parts, input: unknown): Promise<DisclosureDecision> {
  const { policy, environment, standings } = parts
  const question = parse(disclosureParser, input, 'question')
  const { subject, purpose } = question
  if (!Object.hasOwn(policy.purposes, purpose)) {
    throw new InvalidInput('input.not-in-policy', 'purpose is not in the policy', {
      path: 'question.purpose',
    })
  }
  return settle(parts, async () => {
    // Read before consent is asked: a denial that comes in between makes the commit fail, and is seen by the next try.
    const { standing } = await standings.read(subject)
    const touched = standing.state === 'erased' ? [] : await standings.touch(subject)
    const consent = await parts.consent({ subject, purpose, channel: 'none' })
    const at = environment.now()
    const { decision, transfer } = judge(question, { policy, consent, on: todayOf(policy, at) })
    if (decision.outcome === 'deny' || transfer === null) return { changes: [], result: decision }
    const { recipient, ground } = question
    const entry: DisclosureEntry = {
      ...{ recipient, ground, purpose, at },
      id: newId(environment),
      fields: decision.fields,
      transfer: transfer.rule,
      category: policy.ownData.disclosures,
    }
    const recorded = await record(parts, { entry, subject, clause: decision.because[0].clause })
    return { changes: [...touched, ...recorded], result: { ...decision, record: entry.id } }
  })
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

async function* account({ tenant, store, standings }: Parts, input: unknown): AsyncIterable<DisclosureEntry> {
  const subject = parse(idParser, input, 'subject')
  if ((await standings.read(subject)).standing.state === 'erased') return
  const { collection, key: stream } = disclosureStream(tenant, subject)
  for await (const { value } of store.scan(collection, { stream })) yield value as unknown as DisclosureEntry
}
