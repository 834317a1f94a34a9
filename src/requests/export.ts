/**
 * Handing a person their data: a token that can be redeemed once, and an archive that is made as a stream when it is.
 *
 * The archive is not stored (a stored export is a second copy of everything, and predictable export files have been a
 * recurring hole elsewhere: CVE-2026-94375, CVE-2024-13126). The token is 32 random bytes, kept as a keyed digest; it
 * is spent when the last byte was read, and worthless after a week.
 */

import { sha256 } from '@noble/hashes/sha2.js'
import { makeZip } from 'client-zip'
import { later } from '../calendar.ts'
import { collections } from '../collections.ts'
import { settle } from '../commit.ts'
import { NotAuthorised } from '../errors.ts'
import { base64url, hex, sameText } from '../keys/digest.ts'
import type { Actor } from '../ledger/model.ts'
import type { Language } from '../policy/model.ts'
import { todayOf } from '../retention/rules.ts'
import type { Row, Source } from '../source.ts'
import { key } from '../values.ts'
import { frame, heading, nothing, rowHtml, rowJson, type ShownRow, type Wording } from './archive.ts'
import type { Report, RightsRequest } from './model.ts'
import type { RequestParts, RequestStore } from './record.ts'
import { next } from './rules.ts'
import { identityOf } from './walk.ts'

const actor: Actor = { role: 'system', id: 'requests' }
export const manifestType = 'pilvi-export-manifest+jws'
const week = 7 * 24 * 3_600_000
const encoder = new TextEncoder()

interface FileDigest {
  readonly name: string
  readonly bytes: number
  readonly sha256: string
}

/** Makes the part of requests that exports. */
export function createExport(
  { tenant, policy, store, environment, keys, standings, sources }: RequestParts,
  requests: RequestStore,
): {
  grant(request: RightsRequest): Promise<Report>
  redeem(token: string, language: Language): Promise<ReadableStream<Uint8Array>>
} {
  async function* index(request: RightsRequest, wording: Wording): AsyncIterable<string> {
    const { head, foot } = frame(wording, todayOf(policy, environment.now()))
    yield head
    for (const source of sources) {
      yield heading(source.label, wording)
      let rows = 0
      for await (const page of source.find(identityOf(request))) {
        for (const row of page) yield rowHtml(shown(source, row), wording)
        rows += page.length
      }
      if (rows === 0) yield nothing(wording)
    }
    yield foot
  }

  async function* data(request: RightsRequest, source: Source): AsyncIterable<string> {
    let separator = '[\n'
    for await (const page of source.find(identityOf(request))) {
      for (const row of page) {
        yield `${separator}${rowJson(shown(source, row))}`
        separator = ',\n'
      }
    }
    yield separator === '[\n' ? '[]\n' : '\n]\n'
  }

  /** The files of the archive; the manifest is last, because only then all digests are known. */
  async function* files(
    request: RightsRequest,
    wording: Wording,
  ): AsyncIterable<{ name: string; input: AsyncIterable<Uint8Array> }> {
    const digests: FileDigest[] = []
    yield { name: 'index.html', input: digesting('index.html', { texts: index(request, wording), digests }) }
    for (const source of sources) {
      const name = `data/${source.name}.json`
      yield { name, input: digesting(name, { texts: data(request, source), digests }) }
    }
    const manifest = {
      request: request.id,
      policy: policy.id,
      policyVersion: policy.version,
      madeAt: environment.now(),
      files: digests,
    }
    yield { name: 'manifest.json', input: bytesOf(`${JSON.stringify(manifest, null, 2)}\n`) }
    yield { name: 'manifest.jws', input: bytesOf(await keys.sign(manifest, manifestType)) }
  }

  /** Notes that the archive was read to its end: the token is worth nothing from here on. */
  const spend = (id: string): Promise<void> =>
    settle({ store, environment }, async () => {
      const { found, request } = await requests.read(id)
      if (request.export === undefined || request.export.spentAt !== undefined)
        return { changes: [], result: undefined }
      const after = { ...request, export: { ...request.export, spentAt: environment.now() } }
      return {
        changes: requests.changes(after, { found, action: 'requests.handed-out', actor }),
        result: undefined,
      }
    })

  /** Whether the person was erased after the token was given. */
  async function erasedSince({ subject, report }: RightsRequest): Promise<boolean> {
    if (subject === undefined) return true
    const { erased } = (await standings.read(subject)).standing
    return erased !== undefined && erased.at >= (report?.fulfilledAt ?? '')
  }

  /** The request that a token opens. One answer for every token that does not. */
  async function granted(token: string): Promise<RightsRequest> {
    const [id = '', secret = ''] = String(token).split('.')
    const at = /^[0-9a-z]{26}$/.test(id) ? key(tenant, id) : null
    const [found] = at === null ? [null] : await store.get(collections.requests.name, [at])
    const request = found?.value as unknown as RightsRequest | undefined
    const { tokenDigest = '', expiresAt = '', spentAt } = request?.export ?? {}
    const matches = sameText(await keys.digest('token', [id, secret]), tokenDigest)
    const usable = matches && spentAt === undefined && environment.now() < expiresAt
    if (request === undefined || !usable || (await erasedSince(request))) {
      throw new NotAuthorised('proof.rejected', 'this token opens nothing', { path: 'token' })
    }
    return request
  }

  return {
    grant(request) {
      return settle({ store, environment }, async () => {
        const { found, request: read } = await requests.read(request.id)
        const state = next({ ...read, state: next(read, 'start') }, 'finish')
        const at = environment.now()
        const secret = base64url(environment.random(32))
        const { sources: counts = [], kept = [] } = read.plan ?? {}
        const report = { request: read.id, kind: read.kind, fulfilledAt: at, sources: counts, kept }
        const tokenDigest = await keys.digest('token', [read.id, secret])
        const after: RightsRequest = {
          ...read,
          state,
          report,
          export: { tokenDigest, expiresAt: later(at, week) },
        }
        const changes = requests.changes(after, { found, action: 'requests.fulfilled', actor })
        return { changes, result: { ...report, token: `${read.id}.${secret}` } }
      })
    },

    async redeem(token, language) {
      const request = await granted(token)
      const zip = makeZip(dated(files(request, { policy, language }), environment.now()))
      return zip.pipeThrough(new TransformStream<Uint8Array, Uint8Array>({ flush: () => spend(request.id) }))
    },
  }
}

/** A row with what its source says of each field. */
const shown = (source: Source, row: Row): ShownRow => ({
  recordedAt: row.recordedAt,
  ...(row.origin !== undefined && { origin: row.origin }),
  fields: Object.entries(row.values).map(([name, value]) => ({
    name,
    label: source.labelOf?.(name, row),
    category: source.category(name, row),
    value,
  })),
})

async function* dated<T extends object>(
  entries: AsyncIterable<T>,
  at: string,
): AsyncIterable<T & { lastModified: Date }> {
  const lastModified = new Date(at)
  for await (const entry of entries) yield { ...entry, lastModified }
}

async function* bytesOf(text: string): AsyncIterable<Uint8Array> {
  yield encoder.encode(text)
}

/** The bytes of texts; when the last was read, their digest is noted. */
async function* digesting(
  name: string,
  { texts, digests }: { texts: AsyncIterable<string>; digests: FileDigest[] },
): AsyncIterable<Uint8Array> {
  const hash = sha256.create()
  let length = 0
  for await (const text of texts) {
    const bytes = encoder.encode(text)
    hash.update(bytes)
    length += bytes.length
    yield bytes
  }
  digests.push({ name, bytes: length, sha256: hex(hash.digest()) })
}
