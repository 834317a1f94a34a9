/**
 * The life of a request as one table, and what a plan consists of.
 *
 * No destructive command can come before a confirmation, because no path through the table leads there.
 */

import { addPeriod, dayIn, isInYearBefore } from '../calendar.ts'
import type { CalendarDate, Instant } from '../environment.ts'
import { Conflict, InvalidInput } from '../errors.ts'
import { digestOf } from '../keys/digest.ts'
import type { DestroyedKey, HeldKey } from '../keys/model.ts'
import type { Policy } from '../policy/model.ts'
import type { KeptField } from '../retention/model.ts'
import type { JsonValue } from '../store.ts'
import type {
  KeptRow,
  KeptSummary,
  KeysDestroyed,
  NotAttributable,
  Plan,
  RequestKind,
  RequestState,
  RightsRequest,
  SourceCount,
} from './model.ts'

export type Command = 'confirm' | 'plan' | 'start' | 'finish' | 'refuse'

/** State x command -> state; what is not here is not allowed. */
export const transitions: Readonly<Record<RequestState, Readonly<Partial<Record<Command, RequestState>>>>> = {
  opened: { confirm: 'confirmed', refuse: 'refused' },
  confirmed: { plan: 'planned', refuse: 'refused' },
  planned: { plan: 'planned', start: 'running', refuse: 'refused' },
  // A run that was cut off is started again: every step of it can be done twice.
  running: { start: 'running', finish: 'fulfilled' },
  fulfilled: {},
  refused: {},
}

/** Whether nothing more will be done about a request. */
export const isEnded = ({ state }: Pick<RightsRequest, 'state'>): boolean =>
  Object.keys(transitions[state]).length === 0

/** The state that a command leads to. @throws Conflict `conflict.state` */
export function next(request: Pick<RightsRequest, 'id' | 'state'>, command: Command): RequestState {
  const state = transitions[request.state][command]
  if (state === undefined) {
    throw new Conflict('conflict.state', `a request that is ${request.state} cannot ${command}`, {
      record: request.id,
    })
  }
  return state
}

/** A request can have been received before it was written down, but not after, and not a year before. */
export function checkReceived(receivedAt: Instant, now: Instant): void {
  if (!isInYearBefore(now, receivedAt)) {
    throw new InvalidInput('input.invalid', 'receivedAt must lie within the year before now', {
      path: 'request.receivedAt',
    })
  }
}

/** GDPR 12(3): one calendar month from receipt; a shorter month ends it on its last day (Regulation 1182/71, 3). */
export const dueDate = (policy: Policy, receivedAt: Instant): CalendarDate =>
  addPeriod(dayIn(policy.timeZone, receivedAt), { months: 1 })

/** What was found in one source, while it is walked. */
export interface Found {
  readonly source: string
  rows: number
  keeping: number
  readonly kept: Map<string, KeptSummary & { count: number }>
  /** Grows with every row that keeps something. */
  basis: string
}

export const nothingFound = (source: string): Found => ({
  source,
  rows: 0,
  keeping: 0,
  kept: new Map(),
  basis: '',
})

/** A row as it was judged; `of` are the fields it has. */
interface FoundRow {
  readonly row: string
  readonly of: readonly Pick<KeptField, 'withheld'>[]
  readonly kept: readonly KeptField[]
}

/** Adds a row to what was found: as much of it as the person may be told. */
export function addRow(found: Found, { row, of, kept: all }: FoundRow): void {
  if (of.length > 0 && of.every(({ withheld }) => withheld)) return
  found.rows++
  const kept = all.filter(({ withheld }) => !withheld)
  if (kept.length === 0) return
  found.keeping++
  found.basis = digestOf([found.basis, row, kept as unknown as JsonValue])
  for (const [group, fields] of groupFields(kept)) {
    const [{ exemption, law, until }] = fields
    const summary = found.kept.get(group) ?? {
      source: found.source,
      fields: [],
      count: 0,
      exemption,
      law,
      until,
    }
    const names = [...new Set([...summary.fields, ...fields.map(({ field }) => field)])].sort()
    found.kept.set(group, { ...summary, fields: names, count: summary.count + 1 })
  }
}

function groupFields(kept: readonly KeptField[]): Map<string, [KeptField, ...KeptField[]]> {
  const groups = new Map<string, [KeptField, ...KeptField[]]>()
  for (const field of kept) {
    const group = `${field.exemption}\n${field.law}\n${field.until}`
    const members = groups.get(group)
    if (members) members.push(field)
    else groups.set(group, [field])
  }
  return groups
}

/**
 * The data keys of a person with nothing kept under them, by their ids. A key that was set aside is needed by rows that
 * were set aside with it. While a person is being reopened rows go before the keys: of an erasure of which no key was
 * set aside, rows need the keys that are where they were.
 */
export function idleKeys(
  keys: readonly HeldKey[],
  kept: readonly Pick<KeptRow, 'aside' | 'fields'>[],
): string[] {
  const under = (category: string, aside = ''): string => `${aside} ${category}`
  const settled = new Set(keys.map(({ aside }) => aside))
  const needed = new Set(
    kept.flatMap(({ aside, fields }) =>
      fields.map(({ category }) => under(category, settled.has(aside) ? aside : undefined)),
    ),
  )
  return keys.filter(({ category, aside }) => !needed.has(under(category, aside))).map(({ id }) => id)
}

/** Which keys were destroyed and since when, as people are told; absent where there were none. */
export function keysDestroyed(
  destroyed: readonly DestroyedKey[],
  { backups, timeZone }: Policy,
): { readonly keys?: KeysDestroyed } {
  const effectiveFrom = destroyed
    .map(({ at }) => at)
    .sort()
    .at(-1)
  if (effectiveFrom === undefined) return {}
  const until = backups ? addPeriod(dayIn(timeZone, effectiveFrom), backups.keys) : null
  return { keys: { destroyed: destroyed.length, effectiveFrom, cache: 'PT0S', backups: { until } } }
}

/** Rows by source, and how many of them keep something. */
export const counts = (found: readonly Found[]): SourceCount[] =>
  found.map(({ source, rows, keeping }) => ({ source, rows, keeping }))

/** What is kept, grouped as people can read it. */
export const summaries = (found: readonly Found[]): KeptSummary[] =>
  found.flatMap(({ kept }) => [...kept.values()])

/** Sources that cannot be searched for this person, and why. */
export const unattributed = ({ sessions }: Pick<RightsRequest, 'sessions'>): NotAttributable[] =>
  sessions.length > 0
    ? []
    : [
        {
          source: 'visits',
          says: 'no session of the person was named; raw visits go after the hours of the policy',
        },
      ]

/** What there is of a person: in each source, and the other ids on record, concealed. */
export interface Survey {
  readonly found: readonly Found[]
  readonly others: readonly string[]
}

/**
 * What a plan rests on: the policy, the sources, what must be kept and the other ids. Rows that merely go are no part of
 * it.
 */
export const basisOf = ({ id, version }: Policy, { found, others }: Survey): string =>
  digestOf([
    ...[id, version, found.map(({ source, basis }) => [source, basis])],
    ...(others.length > 0 ? [[...others]] : []),
  ])

/** The plan that follows from what was found, with its digest. */
export function planOf(
  request: Pick<RightsRequest, 'id' | 'kind' | 'sessions'>,
  { policy, at, ...there }: Survey & { policy: Policy; at: Instant },
): Plan {
  const plan: Omit<Plan, 'digest' | 'others'> = {
    request: request.id,
    kind: request.kind,
    policyVersion: policy.version,
    madeAt: at,
    sources: counts(there.found),
    kept: summaries(there.found),
    notAttributable: unattributed(request),
    ...(there.others.length > 0 && { merged: there.others.length }),
    basis: basisOf(policy, there),
  }
  return { ...plan, digest: digestOf(plan as unknown as JsonValue) }
}

/** How many other ids the plan named; absent where there were none. */
export const othersIn = ({ plan }: Pick<RightsRequest, 'plan'>): Pick<Plan, 'merged'> =>
  plan?.merged === undefined ? {} : { merged: plan.merged }

/** @throws Conflict `conflict.plan` where a plan is not the one that was made for the request */
export function checkPlan(request: RightsRequest, digest: string): void {
  if (request.plan?.digest !== digest) {
    throw new Conflict('conflict.plan', 'this is not the plan that was made for the request', {
      record: request.id,
    })
  }
}

/** @throws Conflict `conflict.plan` where what the plan rests on is no longer so */
export function checkBasis(request: RightsRequest, basis: string): void {
  if (request.plan?.basis !== basis) {
    throw new Conflict('conflict.plan', 'the plan is stale: policy or exempt rows changed; plan again', {
      record: request.id,
    })
  }
}

/** By what it is decided what an erasure keeps, without the words that tell people. */
export function exemptionsDigest({ retention, timeZone, controller }: Policy): string {
  const exemptions = Object.entries(retention).flatMap(([category, { exemption }]) =>
    exemption ? [[category, [exemption.kind, exemption.law, { ...exemption.rule }]] as const] : [],
  )
  return digestOf([Object.fromEntries(exemptions), timeZone, controller.financialYearEnd] as JsonValue)
}

/**
 * An erasure that was cut off before all that must be kept was written down goes on under the exemptions it began with.
 * @throws Conflict `conflict.plan`
 */
export function checkExemptions({ id, started }: RightsRequest, policy: Policy): void {
  if (started?.notedAt !== undefined || started?.exemptions === exemptionsDigest(policy)) return
  const says = 'the policy keeps other data than when this began: go on under the policy of the plan'
  throw new Conflict('conflict.plan', says, { record: id })
}

/** The clause of the policy under which a request is answered; where the policy is silent, the law's own. */
export const clauseOf = ({ rights }: Policy, kind: RequestKind): string =>
  kind === 'export' ? (rights.access?.clause ?? 'GDPR 15') : (rights.erasure?.clause ?? 'GDPR 17')
