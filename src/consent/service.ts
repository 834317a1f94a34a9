/**
 * The shell around consent: one commit per statement (event, standing, ledger), one `get` per decision.
 */

import { collections } from '../collections.ts'
import { settle } from '../commit.ts'
import { type Environment, type Instant, newId } from '../environment.ts'
import { Conflict, IntegrityFailure, InvalidInput } from '../errors.ts'
import type { Actor } from '../ledger/model.ts'
import { parse } from '../parsing.ts'
import type { DenialPurposeOf, Policy, Purpose, PurposeOf } from '../policy/model.ts'
import type { Keys, LedgerWriter, Standings } from '../services.ts'
import type { Change, JsonValue, Store, Versioned } from '../store.ts'
import { key } from '../values.ts'
import {
  type ConsentEvent,
  type Decision,
  type EventKind,
  type Question,
  questionParser,
  type Standing,
  type Statement,
  statementParser,
} from './model.ts'
import { apply, checkEffective, decide, emptyStanding, erasedStanding, suppress } from './rules.ts'
import { consentStream } from './source.ts'

const standings = collections.standings.name

/** Consents and denials of one tenant. */
export interface Consent<P extends Policy = Policy> {
  /**
   * Records that a person prohibits a purpose; it is obeyed from this call on.
   * @throws InvalidInput `input.not-in-policy` where the purpose is not one that can be denied; `input.invalid`
   * @throws Conflict `conflict.erased` where the subject was erased
   * @see GDPR 21(2)-(3); the policy, "Right for denial"
   */
  deny(statement: Statement<DenialPurposeOf<P>>): Promise<ConsentEvent>
  /** Records a person's explicit consent to a purpose. @see GDPR 7 */
  give(statement: Statement<PurposeOf<P>>): Promise<ConsentEvent>
  /** Records that consent was asked for and refused: a record of its own, never a missing one. */
  refuse(statement: Statement<PurposeOf<P>>): Promise<ConsentEvent>
  /** Records that consent is taken back. @see GDPR 7(3) */
  withdraw(statement: Statement<PurposeOf<P>>): Promise<ConsentEvent>
  /**
   * Whether something may be done with a person's data now, and why.
   * @throws InvalidInput `input.not-in-policy`, `input.invalid`
   */
  decide(question: Question<PurposeOf<P>>): Promise<Decision>
  /** Every statement about a subject, oldest first; none about one that was erased, whatever had to be kept. */
  list(subject: string): AsyncIterable<ConsentEvent>
}

interface Parts<P extends Policy> {
  readonly policy: P
  readonly store: Store
  readonly environment: Environment
  readonly keys: Keys
  readonly ledger: LedgerWriter
}

/** An address or number as it is compared: no case, no spaces. */
const contactForm = (contact: string): string => contact.normalize('NFC').toLowerCase().replaceAll(/\s/g, '')

/** Makes the standings of a tenant. */
export function createStandings(
  tenant: string,
  { store, keys }: Pick<Parts<Policy>, 'store' | 'keys'>,
): Standings {
  const subjectAt = async (subject: string): Promise<string> =>
    key(tenant, 'subject', await keys.digest('subject', [subject]))

  async function read(subject: string): Promise<{ at: string; found: Versioned | null; standing: Standing }> {
    const at = await subjectAt(subject)
    const [found = null] = await store.get(standings, [at])
    return { at, found, standing: standingOf(found) }
  }

  return {
    read,

    async touch(subject) {
      const { at, found, standing } = await read(subject)
      refuseErased(standing)
      return [put(at, { standing, found })]
    },

    async erase({ subject, contacts, tombstone }) {
      const { at, found, standing } = await read(subject)
      if (standing.state === 'erased') return []
      const changes = [put(at, { standing: erasedStanding(tombstone), found })]
      const places = await Promise.all(
        [...new Set(contacts)].map((contact) => contactAt(tenant, keys, contact)),
      )
      const kept = places.length > 0 ? await store.get(standings, places) : []
      for (const [i, place] of places.entries()) {
        const address = kept[i] ?? null
        const after = suppress(standingOf(address), { standing, at: tombstone.at })
        if (Object.keys(after.purposes).length > 0)
          changes.push(put(place, { standing: after, found: address }))
      }
      return changes
    },
  }
}

const contactAt = async (tenant: string, keys: Keys, contact: string): Promise<string> =>
  key(tenant, 'contact', await keys.digest('contact', [contactForm(contact)]))

const put = (at: string, { standing, found }: { standing: Standing; found: Versioned | null }): Change => ({
  put: { collection: standings, key: at },
  value: standing as unknown as JsonValue,
  expect: found?.version ?? 'absent',
})

function standingOf(found: Versioned | null): Standing {
  if (found === null) return emptyStanding
  const standing = found.value as unknown as Standing
  if (!['active', 'erased'].includes(standing?.state) || typeof standing.purposes !== 'object') {
    // Fails closed: a standing that cannot be read permits nothing.
    throw new IntegrityFailure('record.corrupt', 'a stored standing is not what it should be', {
      record: found.key,
    })
  }
  return standing
}

function refuseErased(standing: Standing): void {
  if (standing.state === 'erased') {
    throw new Conflict('conflict.erased', 'this subject was erased', {
      ...(standing.erased && { record: standing.erased.request }),
    })
  }
}

/** Makes the consent service of a tenant. */
export function createConsent<P extends Policy>(
  tenant: string,
  { policy, store, environment, keys, ledger, standings: subjects }: Parts<P> & { standings: Standings },
): Consent<P> {
  function purposeOf(name: string): Purpose {
    const purpose = Object.hasOwn(policy.purposes, name) ? policy.purposes[name] : undefined
    if (purpose === undefined) {
      throw new InvalidInput('input.not-in-policy', 'purpose is not in the policy', { path: 'purpose' })
    }
    return purpose
  }

  async function record(kind: EventKind, input: Statement): Promise<ConsentEvent> {
    const statement = parse(statementParser, input, 'statement')
    const purpose = purposeOf(statement.purpose)
    if (kind === 'denied' && purpose.denial === undefined) {
      throw new InvalidInput('input.not-in-policy', 'the policy has no denial of this purpose', {
        path: 'purpose',
      })
    }
    return settle({ store, environment }, async () => {
      const now = environment.now()
      checkEffective(statement.effectiveAt ?? now, now)
      const { at, found, standing } = await subjects.read(statement.subject)
      refuseErased(standing)
      const event = eventOf(kind, { statement, now })
      const stream = consentStream(tenant, statement.subject)
      return {
        changes: [
          put(at, { standing: apply(standing, event), found }),
          { append: stream, id: event.id, value: event as unknown as JsonValue, expect: standing.events + 1 },
          ...ledger.changes({
            action: `consent.${kind}`,
            actor: await actorOf(statement),
            record: event.id,
            clause: purpose.clause,
            effectiveAt: event.effectiveAt,
            details: {
              subject: await keys.reference(statement.subject),
              purpose: event.purpose,
              by: event.by,
            },
          }),
        ],
        result: event,
      }
    })
  }

  const actorOf = async ({ operator, subject }: Statement): Promise<Actor> =>
    operator === undefined
      ? { role: 'subject', id: await keys.reference(subject) }
      : { role: 'operator', id: operator }

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
    }
  }

  return {
    deny: (statement) => record('denied', statement),
    give: (statement) => record('given', statement),
    refuse: (statement) => record('refused', statement),
    withdraw: (statement) => record('withdrawn', statement),

    async decide(input) {
      const { subject, purpose, channel, contact } = parse(questionParser, input as Question, 'question')
      purposeOf(purpose)
      const at = environment.now()
      const places = [key(tenant, 'subject', await keys.digest('subject', [subject]))]
      if (contact !== undefined) places.push(await contactAt(tenant, keys, contact))
      const [standing = null, address = null] = await store.get(standings, places)
      const found = { standing: standingOf(standing), address: standingOf(address) }
      return decide({ policy, purpose, ...(channel && { channel }), ...found, at })
    },

    async *list(subject) {
      if ((await subjects.read(subject)).standing.state === 'erased') return
      const { collection, key: stream } = consentStream(tenant, subject)
      for await (const { value } of store.scan(collection, { stream })) yield value as unknown as ConsentEvent
    },
  }
}
