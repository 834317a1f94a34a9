/**
 * Handing a person their data: a token that can be redeemed once, and an archive that is made as a stream when it is.
 *
 * The archive is not stored (a stored export is a second copy of everything, and predictable export files have been a
 * recurring hole elsewhere: CVE-2026-94375, CVE-2024-13126). The token is 32 random bytes, kept as a keyed digest. Who
 * redeems it first claims it, and holds it while reading; when the last byte was read it is spent, and after a week it
 * is worthless. A download that breaks gives the claim back, or loses it after a few minutes.
 */

import { later } from '../calendar.ts'
import { settle } from '../commit.ts'
import { newId } from '../environment.ts'
import { NotAuthorised } from '../errors.ts'
import { base64url, sameText } from '../keys/digest.ts'
import type { Language } from '../policy/model.ts'
import { checkLanguage } from '../policy/render/localise.ts'
import type { Versioned } from '../store.ts'
import { archive } from './files.ts'
import type { ExportGrant, Report, RightsRequest } from './model.ts'
import {
  requestsActor as actor,
  putRequest,
  type RequestParts,
  readRequest,
  requestChanges,
  requestOf,
  requestRef,
} from './record.ts'
import { basisOf, checkBasis, checkPlan, counts, next, othersIn, unattributed } from './rules.ts'
import { survey } from './walk.ts'

const minute = 60_000
/** How long a claim lasts that is not renewed; it is renewed while somebody reads. */
const lease = 5 * minute
const week = 7 * 24 * 60 * minute

/**
 * Fulfils an export by handing out a token.
 * @throws Conflict `conflict.plan`, `conflict.state`
 */
export function grant(parts: RequestParts, id: string, digest: string): Promise<Report> {
  const { store, environment, policy, keys } = parts
  return settle({ store, environment }, async () => {
    const { found, request } = await readRequest(parts, id)
    if (request.state === 'fulfilled' && request.plan?.digest === digest)
      return { changes: [], result: request.report as Report }
    const state = next({ ...request, state: next(request, 'start') }, 'finish')
    checkPlan(request, digest)
    const at = environment.now()
    const there = await survey(parts, { request, at })
    checkBasis(request, basisOf(policy, there))
    const secret = base64url(environment.random(32))
    const report: Report = {
      request: id,
      kind: request.kind,
      fulfilledAt: at,
      sources: counts(there.found),
      kept: [],
      notAttributable: unattributed(request),
      ...othersIn(request),
    }
    const tokenDigest = await keys.digest('token', [id, secret])
    const given: ExportGrant = { tokenDigest, expiresAt: later(at, week) }
    const after: RightsRequest = { ...request, state, report, export: given }
    const changes = requestChanges(parts, { found, request: after, action: 'requests.fulfilled', actor })
    return { changes, result: { ...report, token: `${id}.${secret}` } }
  })
}

/** @throws InvalidInput `policy.untranslated`; NotAuthorised `proof.rejected` */
export async function redeem(
  parts: RequestParts,
  token: string,
  language: Language,
): Promise<ReadableStream<Uint8Array>> {
  checkLanguage(parts.policy, language)
  const { request, claim } = await claimed(parts, token)
  const zip = archive(parts, { request, language })
  return handedOut(zip, {
    renew: renewal(parts, { id: request.id, claim }),
    end: () => spend(parts, { id: request.id, claim }),
    release: () => release(parts, { id: request.id, claim }),
  })
}

const rejected = (): NotAuthorised =>
  new NotAuthorised('proof.rejected', 'this token opens nothing', { path: 'token' })

/** Takes a token for one reader. One answer for every token that opens nothing. */
function claimed(
  parts: RequestParts,
  token: string,
): Promise<{ readonly request: RightsRequest; readonly claim: string }> {
  const { store, environment } = parts
  return settle({ store, environment }, async () => {
    const { found, request, given } = await granted(parts, token)
    const now = environment.now()
    if (given.claim && now < given.claim.until) throw rejected()
    const claim = newId(environment)
    const after = { ...request, export: { ...given, claim: { id: claim, until: later(now, lease) } } }
    const changes = requestChanges(parts, { found, request: after, action: 'requests.redeemed', actor })
    return { changes, result: { request: after, claim } }
  })
}

interface Granted {
  readonly found: Versioned
  readonly request: RightsRequest
  readonly given: ExportGrant
}

/** The request that a token is of, whoever may be reading it. */
async function granted(parts: RequestParts, token: string): Promise<Granted> {
  const { store, tenant, keys, environment } = parts
  const [id = '', secret = ''] = String(token).split('.')
  const ref = /^[0-9a-z]{26}$/.test(id) ? requestRef(tenant, id) : null
  const [found] = ref === null ? [null] : await store.get(ref.collection, [ref.key])
  const request = found && requestOf(found)
  const given = request?.export
  const matches = sameText(await keys.digest('token', [id, secret]), given?.tokenDigest ?? '')
  const usable = matches && given && given.spentAt === undefined && environment.now() < given.expiresAt
  if (!found || !request || !usable || (await erasedSince(parts, request))) throw rejected()
  return { found, request, given }
}

/** Whether the person was erased after the token was given. */
async function erasedSince(
  { standings }: RequestParts,
  { subject, report }: RightsRequest,
): Promise<boolean> {
  if (subject === undefined) return true
  const { erased } = (await standings.read(subject)).standing
  return erased !== undefined && erased.at >= (report?.fulfilledAt ?? '')
}

interface Claim {
  readonly id: string
  readonly claim: string
}

/** Writes a grant down that a claim holds. @throws NotAuthorised `proof.rejected` where somebody else holds it */
function held(
  parts: RequestParts,
  { id, claim }: Claim,
  { action, after }: { action?: string; after: (given: ExportGrant) => ExportGrant },
): Promise<void> {
  const { store, environment } = parts
  return settle({ store, environment }, async () => {
    const { found, request: before } = await readRequest(parts, id)
    if (before.export?.claim?.id !== claim) throw rejected()
    const request = { ...before, export: after(before.export) }
    const changes = action
      ? requestChanges(parts, { found, request, action, actor })
      : [putRequest(parts, { found, request })]
    return { changes, result: undefined }
  })
}

const unclaimed = ({ claim: _, ...given }: ExportGrant): ExportGrant => given

/** Holds the claim while somebody reads. */
function renewal(parts: RequestParts, mine: Claim): () => Promise<void> {
  let renewed = parts.environment.now()
  return async () => {
    const now = parts.environment.now()
    if (now < later(renewed, minute)) return
    const claim = { id: mine.claim, until: later(now, lease) }
    await held(parts, mine, { after: (given) => ({ ...given, claim }) })
    renewed = now
  }
}

/** Notes that the archive was read to its end: the token is worth nothing from here on. */
const spend = (parts: RequestParts, mine: Claim): Promise<void> =>
  held(parts, mine, {
    action: 'requests.handed-out',
    after: (given) => ({ ...unclaimed(given), spentAt: parts.environment.now() }),
  })

/** Gives a claim back: the person can begin anew. */
const release = (parts: RequestParts, mine: Claim): Promise<void> => held(parts, mine, { after: unclaimed })

/** The bytes of an archive, whose claim is held while they are read, and ended or given back with them. */
function handedOut(
  zip: ReadableStream<Uint8Array>,
  { renew, end, release: giveBack }: Readonly<Record<'renew' | 'end' | 'release', () => Promise<void>>>,
): ReadableStream<Uint8Array> {
  const reader = zip.getReader()
  let left = false
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        await renew()
        const { done, value } = await reader.read()
        if (left) return
        if (!done) return controller.enqueue(value)
        await end()
        controller.close()
      } catch (error) {
        // What cannot be given back lapses by itself.
        await giveBack().catch(() => {})
        throw error
      }
    },
    async cancel(reason) {
      left = true
      // The archive need not end well: nobody reads it any more.
      await reader.cancel(reason).catch(() => {})
      await giveBack().catch(() => {})
    },
  })
}
