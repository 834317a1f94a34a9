/**
 * Reading what a question needs, and deciding: one `get` for a question about now, one for about a thousand of a campaign,
 * and the person's stream for a question about the past. Every question is decided by the same rule.
 */

import { collections } from '../collections.ts'
import type { Environment } from '../environment.ts'
import { idParser, parse } from '../parsing.ts'
import type { Policy } from '../policy/model.ts'
import type { Keys } from '../services.ts'
import type { Store } from '../store.ts'
import { limits } from '../values/limits.ts'
import { askedForm } from './contact.ts'
import { type Clocks, clocksOf, counts } from './history.ts'
import { replay } from './merge.ts'
import type { CampaignQuestion, Candidate, Decision, Entry, Question, Standing } from './model.ts'
import { candidateParser } from './parser.ts'
import { decide } from './rules.ts'
import { consentStream } from './source.ts'
import { emptyStanding } from './standing.ts'
import { contactPlace, standingOf, subjectPlace } from './standings.ts'

/** What asking needs. */
export interface AskingParts {
  readonly tenant: string
  readonly policy: Policy
  readonly store: Store
  readonly environment: Environment
  readonly keys: Pick<Keys, 'digest'>
}

/** Answers one question; its purpose is one of the policy's. */
export async function answer(parts: AskingParts, question: Question): Promise<Decision> {
  const [decision] = await answerAll(parts, { question, candidates: [question] })
  return decision as Decision
}

/** Answers a question about each of some people, whose places are at most as many as a `get` takes keys. */
async function answerAll(
  parts: AskingParts,
  { question, candidates }: { question: CampaignQuestion; candidates: readonly Candidate[] },
): Promise<Decision[]> {
  const { policy, environment } = parts
  const { answeredBy, ...clocks } = clocksOf(question, environment.now())
  const { purpose, channel, necessity } = question
  const histories: Standing[] = []
  if (answeredBy === 'stream')
    for (const { subject } of candidates) histories.push(await replayed(parts, { subject, clocks }))
  // Read last: an erasure that took a stream away meanwhile is seen here.
  const found = await standingsOf(parts, candidates)
  return candidates.map(({ relationship }, i) => {
    const { standing, address } = found[i] as Found
    const then = standing.state === 'erased' ? standing : (histories[i] ?? standing)
    const { at } = clocks
    return decide({ policy, purpose, channel, necessity, relationship, standing: then, address, at })
  })
}

/** What is kept of a person, and of the address that would be used. */
interface Found {
  readonly standing: Standing
  readonly address: Standing
}

async function standingsOf(
  { tenant, policy, store, keys }: AskingParts,
  candidates: readonly Candidate[],
): Promise<Found[]> {
  const places: string[] = []
  for (const { subject, contact } of candidates) {
    places.push(await subjectPlace({ tenant, keys }, subject))
    if (contact !== undefined) places.push(await contactPlace({ tenant, keys }, askedForm(policy, contact)))
  }
  const read = await store.get(collections.standings.name, places)
  let next = 0
  const one = (): Standing => standingOf(read[next++] ?? null)
  return candidates.map(({ contact }) => ({
    standing: one(),
    address: contact === undefined ? emptyStanding : one(),
  }))
}

/** The standing as it was at these moments, or as it was known to be. */
async function replayed(
  { tenant, store }: AskingParts,
  { subject, clocks }: { subject: string; clocks: Clocks },
): Promise<Standing> {
  const { collection, key: stream } = consentStream(tenant, subject)
  const entries: Entry[] = []
  for await (const { value } of store.scan(collection, { stream })) {
    const entry = value as unknown as Entry
    if (counts(entry, clocks)) entries.push(entry)
  }
  return replay(entries)
}

/** How many people of a campaign were decided about so far, and what the decisions rested on. */
export interface FilterCounts {
  readonly asked: number
  readonly permitted: number
  readonly denied: number
  /** Rule id -> people whose decision names it; who is denied by several rules is counted under each. */
  readonly because: Readonly<Record<string, number>>
}

/** Those of a campaign who are permitted, in the order in which they came; read once. */
export interface Filtered<T> extends AsyncIterable<T> {
  /** What has been decided so far; all of it when everybody has been read. */
  counts(): FilterCounts
}

/** Somebody of a campaign: an id, or an id with what the question says of the person. */
export type Campaigned = string | Candidate

/** Who of these people is permitted, decided a batch at a time. */
export function filtered<T extends Campaigned>(
  parts: AskingParts,
  { people, question }: { people: AsyncIterable<T> | Iterable<T>; question: CampaignQuestion },
): Filtered<T> {
  const because: Record<string, number> = {}
  const tally = { permit: 0, deny: 0 }
  async function* permitted(): AsyncGenerator<T> {
    for await (const batch of batches(people)) {
      const candidates = batch.map(({ candidate }) => candidate)
      const decisions = await answerAll(parts, { question, candidates })
      for (const { outcome, because: reasons } of decisions) {
        tally[outcome]++
        for (const [i, { rule }] of reasons.entries()) {
          // Two noes can rest on one rule: a person counts once.
          if (reasons.findIndex((each) => each.rule === rule) === i) because[rule] = (because[rule] ?? 0) + 1
        }
      }
      for (const [i, { person }] of batch.entries()) if (decisions[i]?.outcome === 'permit') yield person
    }
  }
  const run = permitted()
  return {
    [Symbol.asyncIterator]: () => run,
    counts() {
      const { permit, deny } = tally
      return { asked: permit + deny, permitted: permit, denied: deny, because: { ...because } }
    },
  }
}

/** People in batches that one `get` reads: a place for each, and one for each address. */
async function* batches<T extends Campaigned>(
  people: AsyncIterable<T> | Iterable<T>,
): AsyncGenerator<{ person: T; candidate: Candidate }[]> {
  let batch: { person: T; candidate: Candidate }[] = []
  let places = 0
  for await (const person of people) {
    const candidate =
      typeof person === 'string'
        ? { subject: parse(idParser, person, 'subject') }
        : parse(candidateParser, person as Candidate, 'person')
    const more = candidate.contact === undefined ? 1 : 2
    if (places + more > limits.keysPerGet) {
      yield batch
      batch = []
      places = 0
    }
    batch.push({ person, candidate })
    places += more
  }
  if (batch.length > 0) yield batch
}
