/**
 * The files of an export: a page for the person, one JSON file a source, and a signed manifest with the digest of
 * each. Made as a stream, page by page; the manifest is last, because only then all digests are known.
 */

import { sha256 } from '@noble/hashes/sha2.js'
import { makeZip } from 'client-zip'
import { todayOf } from '../calendar.ts'
import { hex } from '../keys/digest.ts'
import type { Language } from '../policy/model.ts'
import type { IdentityKeys, Source } from '../source.ts'
import { frame, heading, nothing, rowHtml, rowJson, type Wording } from './archive.ts'
import type { RightsRequest } from './model.ts'
import type { RequestParts } from './record.ts'
import { identitiesOf, pagesOf } from './walk.ts'

export const manifestType = 'pilvi-export-manifest+jws'
const encoder = new TextEncoder()

type Parts = Pick<RequestParts, 'tenant' | 'policy' | 'store' | 'environment' | 'keys' | 'sources'>

/** A file whose bytes can be read once. */
interface File {
  readonly name: string
  readonly input: AsyncIterable<Uint8Array>
}

interface FileDigest {
  readonly name: string
  readonly bytes: number
  readonly sha256: string
}

/** The archive of a request, as the bytes of a ZIP file. */
export function archive(
  parts: Parts,
  { request, language }: { request: RightsRequest; language: Language },
): ReadableStream<Uint8Array> {
  const wording = { policy: parts.policy, language }
  return makeZip(dated(files(parts, { request, wording }), new Date(parts.environment.now())))
}

async function* files(
  parts: Parts,
  { request, wording }: { request: RightsRequest; wording: Wording },
): AsyncIterable<File> {
  // Everything, the request itself and what was set aside included.
  const identities = (await identitiesOf(parts, request)).map(({ request: _, ...identity }) => identity)
  const digests: FileDigest[] = []
  yield digesting({ name: 'index.html', texts: index(parts, identities, wording), digests })
  for (const source of parts.sources)
    yield digesting({ name: `data/${source.name}.json`, texts: data(source, identities), digests })
  const { policy, tenant, environment, keys } = parts
  const manifest = {
    tenant,
    request: request.id,
    policy: policy.id,
    policyVersion: policy.version,
    madeAt: environment.now(),
    files: digests,
  }
  yield { name: 'manifest.json', input: bytesOf(`${JSON.stringify(manifest, null, 2)}\n`) }
  yield { name: 'manifest.jws', input: bytesOf(await keys.sign(manifest, manifestType)) }
}

async function* index(
  parts: Parts,
  identities: readonly IdentityKeys[],
  wording: Wording,
): AsyncIterable<string> {
  const { head, foot } = frame(wording, todayOf(parts.policy, parts.environment.now()))
  yield head
  for (const source of parts.sources) {
    yield heading(source.label, wording)
    const told = new Set<string>()
    let count = 0
    for await (const { rows } of pagesOf(source, identities, 'values')) {
      for (const row of rows) yield rowHtml(row, { wording, told })
      count += rows.length
    }
    if (count === 0) yield nothing(wording)
  }
  yield foot
}

async function* data(source: Source, identities: readonly IdentityKeys[]): AsyncIterable<string> {
  let separator = '[\n'
  for await (const { rows } of pagesOf(source, identities, 'values')) {
    for (const row of rows) {
      yield `${separator}${rowJson(row)}`
      separator = ',\n'
    }
  }
  yield separator === '[\n' ? '[]\n' : '\n]\n'
}

async function* dated(
  entries: AsyncIterable<File>,
  lastModified: Date,
): AsyncIterable<File & { lastModified: Date }> {
  for await (const entry of entries) yield { ...entry, lastModified }
}

async function* bytesOf(text: string): AsyncIterable<Uint8Array> {
  yield encoder.encode(text)
}

/** A file of texts, whose digest is noted when the last of them was read. */
const digesting = ({
  name,
  texts,
  digests,
}: {
  name: string
  texts: AsyncIterable<string>
  digests: FileDigest[]
}): File => ({ name, input: digested(texts, (digest) => digests.push({ name, ...digest })) })

async function* digested(
  texts: AsyncIterable<string>,
  note: (digest: Omit<FileDigest, 'name'>) => void,
): AsyncIterable<Uint8Array> {
  const hash = sha256.create()
  let length = 0
  for await (const text of texts) {
    const bytes = encoder.encode(text)
    hash.update(bytes)
    length += bytes.length
    yield bytes
  }
  note({ bytes: length, sha256: hex(hash.digest()) })
}
