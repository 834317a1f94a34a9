/**
 * The shell around consent: one commit per statement (event, standing, ledger), one `get` per decision.
 */

import { collections } from '../collections.ts'
import { settle } from '../commit.ts'
import { type Environment, type Instant, newId } from '../environment.ts'
import { Conflict, InvalidInput } from '../errors.ts'
import type { Actor } from '../ledger/model.ts'
import { idParser, parse, parseStored } from '../parsing.ts'
import type { DenialPurposeOf, Policy, Purpose, PurposeOf } from '../policy/model.ts'
import type { Keys, LedgerWriter, Standings, SubjectStanding } from '../services.ts'
import type { Change, JsonValue, Store, Versioned } from '../store.ts'
import { key, partsOf } from '../values/key.ts'
import {
  type ConsentEvent,
  type Decision,
  type EventKind,
  type Question,
  questionParser,
  type Standing,
  type Statement,
  standingParser,
  statementParser,
} from './model.ts'
import { decide } from './rules.ts'
import { consentStream } from './source.ts'
import {
  apply,
  checkStatement,
  contactForm,
  emptyStanding,
  erasedStanding,
  isTaken,
  suppress,
} from './standing.ts'

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

/** Makes the standings of a tenant. */
export function createStandings(
  tenant: string,
  { store, keys }: { readonly store: Store; readonly keys: Pick<Keys, 'digest'> },
): Standings {
  const placeOf = (subjectDigest: string): string => key(tenant, 'subject', subjectDigest)

  async function read(subject: string): Promise<SubjectStanding> {
    const at = placeOf(await keys.digest('subject', [subject]))
    const [found = null] = await store.get(standings, [at])
    return { at, found, standing: standingOf(found) }
  }

  async function readAll(places: readonly string[]): Promise<SubjectStanding[]> {
    const found = places.length > 0 ? await store.get(standings, places) : []
    return places.map((at, i) => ({ at, found: found[i] ?? null, standing: standingOf(found[i] ?? null) }))
  }

  return {
    read,

    async touch(subject) {
      const { at, found, standing } = await read(subject)
      refuseErased(standing)
      return [put(at, { standing, found })]
    },

    async erase({ at, found, standing }, { contacts, tombstone }) {
      if (standing.state === 'erased') return []
      const places = await Promise.all(contacts.map((contact) => contactAt(tenant, keys, contact)))
      // By place and not by text: two spellings of an address are one record.
      const addresses = await readAll([...new Set(places)])
      const left = addresses.flatMap((address): Change[] => {
        const after = suppress(address.standing, { standing, at: tombstone.at })
        return Object.keys(after.purposes).length > 0
          ? [put(address.at, { ...address, standing: after })]
          : []
      })
      return [put(at, { standing: erasedStanding(tombstone), found }), ...left]
    },

    async *ended(before) {
      for await (const found of store.scan(standings, { tenant, index: 'erased', before })) {
        const { erased } = standingOf(found)
        yield { subjectDigest: partsOf(found.key)[1] ?? '', request: erased?.request ?? '' }
      }
    },

    async forget(subjectDigest) {
      const at = placeOf(subjectDigest)
      const [found] = await store.get(standings, [at])
      return found ? [{ remove: { collection: standings, key: at }, expect: found.version }] : []
    },
  }
}

const contactAt = async (tenant: string, keys: Pick<Keys, 'digest'>, contact: string): Promise<string> =>
  key(tenant, 'contact', await keys.digest('contact', [contactForm(contact)]))

const put = (at: string, { standing, found }: { standing: Standing; found: Versioned | null }): Change => ({
  put: { collection: standings, key: at },
  value: standing as unknown as JsonValue,
  expect: found?.version ?? 'absent',
})

/** A standing that cannot be read permits nothing: the call fails. */
const standingOf = (found: Versioned | null): Standing =>
  found === null ? emptyStanding : parseStored(standingParser, found.value, found.key)

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
      const places = [key(tenant, 'subject', await keys.digest('subject', [subject]))]
      if (contact !== undefined) places.push(await contactAt(tenant, keys, contact))
      const [standing = null, address = null] = await store.get(standings, places)
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
