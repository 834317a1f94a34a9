/**
 * The shell around disclosures: asks consent, decides, and records what was permitted in the commit that permits it.
 */

import { collections } from '../collections.ts'
import { settle } from '../commit.ts'
import type { Decision, Question } from '../consent/model.ts'
import { type Environment, newId } from '../environment.ts'
import { InvalidInput } from '../errors.ts'
import type { Actor } from '../ledger/model.ts'
import { idParser, parse } from '../parsing.ts'
import type { Policy, PurposeOf, RecipientOf } from '../policy/model.ts'
import { todayOf } from '../retention/rules.ts'
import type { Keys, LedgerWriter, Standings } from '../services.ts'
import type { Source } from '../source.ts'
import { streamSource } from '../sources/stream.ts'
import type { Change, JsonValue, Ref, Store } from '../store.ts'
import { key } from '../values.ts'
import {
  type DisclosureDecision,
  type DisclosureEntry,
  type DisclosureQuestion,
  disclosureParser,
} from './model.ts'
import { judge } from './rules.ts'

const collection = collections.disclosures.name

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
}

const streamOf = (tenant: string, subject: string): Ref => ({ collection, key: key(tenant, subject) })
const actor: Actor = { role: 'system', id: 'disclosure' }

/** Makes the disclosures of a tenant. */
export function createDisclosure<P extends Policy>(tenant: string, parts: Parts): Disclosure<P> {
  const { policy, store, environment, keys, ledger, standings } = parts

  /** The record of a permitted disclosure, in the subject's account and in the ledger. */
  async function record(
    entry: DisclosureEntry,
    { subject, clause }: { subject: string; clause: string },
  ): Promise<Change[]> {
    const ref = streamOf(tenant, subject)
    const [last] = await store.get(collection, [ref.key])
    const { id, recipient, fields, ground, purpose, transfer } = entry
    const said = { recipient, fields: fields.join(' '), ground, purpose, transfer }
    const details = { subject: await keys.reference(subject), ...said }
    return [
      { append: ref, id, value: entry as unknown as JsonValue, expect: (last?.version ?? 0) + 1 },
      ...ledger.changes({ action: 'disclosure.permitted', actor, record: id, clause, details }),
    ]
  }

  return {
    async decide(input) {
      const question = parse(disclosureParser, input as DisclosureQuestion, 'question')
      const { subject, purpose, recipient, ground } = question
      if (!Object.hasOwn(policy.purposes, purpose)) {
        throw new InvalidInput('input.not-in-policy', 'purpose is not in the policy', {
          path: 'question.purpose',
        })
      }
      return settle({ store, environment }, async () => {
        // Read before consent is asked: a denial that comes in between makes the commit fail, and is seen by the next try.
        const { standing } = await standings.read(subject)
        const touched = standing.state === 'erased' ? [] : await standings.touch(subject)
        const consent = await parts.consent({ subject, purpose, channel: 'none' })
        const at = environment.now()
        const { decision, transfer } = judge(question, { policy, consent, on: todayOf(policy, at) })
        if (decision.outcome === 'deny' || transfer === null) return { changes: [], result: decision }
        const { fields, because } = decision
        const id = newId(environment)
        const entry: DisclosureEntry = { id, recipient, fields, ground, purpose, transfer: transfer.rule, at }
        const recorded = await record(entry, { subject, clause: because[0].clause })
        return { changes: [...touched, ...recorded], result: { ...decision, record: id } }
      })
    },
    async *account(input) {
      const subject = parse(idParser, input, 'subject')
      if ((await standings.read(subject)).standing.state === 'erased') return
      const { key: stream } = streamOf(tenant, subject)
      for await (const { value } of store.scan(collection, { stream }))
        yield value as unknown as DisclosureEntry
    },
  }
}

/** The account of disclosures as a source of a person's data. */
export const createDisclosureSource = (
  tenant: string,
  parts: { readonly policy: Policy; readonly store: Store; readonly environment: Environment },
): Source =>
  streamSource(parts, {
    name: 'disclosures',
    label: { en: 'Who received your data', fi: 'Kenelle tietojasi on luovutettu' },
    category: parts.policy.ownData.disclosures,
    streams: (subject) => [{ id: 'account', ref: streamOf(tenant, subject) }],
    recordedAt: (entry) => (entry as unknown as DisclosureEntry).at,
  })
