/**
 * The shell around consent records: a person's are written out, as records or as a signed receipt with its text, and those
 * of others are read in, one statement at a time, in the order in which they were recorded where they come from.
 *
 * What is read in is a list's word (`by: 'list-import'`), whoever signed it: it lifts no denial. So what an import opens was
 * open where the records come from, as far as statements go and whatever in them cannot be read; restrictions and objections
 * that a request had set are not statements and have to be told apart from them.
 */

import type { Environment } from '../environment.ts'
import { Conflict } from '../errors.ts'
import { digestOf } from '../keys/digest.ts'
import { idParser, parse } from '../parsing.ts'
import type { Language, Policy } from '../policy/model.ts'
import type { Keys, Standings } from '../services.ts'
import type { JsonValue } from '../store.ts'
import { checkValue } from '../values/json.ts'
import { dpvRecords } from './dpv.ts'
import { readDpv } from './dpv-reading.ts'
import {
  type Carried,
  type ExportedRecords,
  importParser,
  type RecordImport,
  type RecordsImported,
  type RecordWanted,
  receiptWantedParser,
  taking,
  type Unmapped,
  wantedParser,
} from './exchange.ts'
import { kantaraReceipts, readKantara } from './kantara.ts'
import type { ConsentEvent, Revocation, Statement } from './model.ts'
import { receiptText } from './receipt-text.ts'
import type { Recorder } from './recorder.ts'
import { isYes } from './statement.ts'

/** A receipt for the person it is about. */
export interface ConsentReceipt extends ExportedRecords {
  /** In words, in the language that was asked for. */
  readonly text: string
  /** The same records, signed: a JWS of type {@link consentReceiptType}; `keys.verify` opens it. */
  readonly jws: string
}

/** The `typ` of a signed receipt. */
export const consentReceiptType = 'pilvi-consent-receipt+jws'

/** Consent records as others write them. */
export interface Records {
  /**
   * A person's statements as records of a format, for that person, or for whoever the person wants to have them; none of
   * one who was erased. What the format cannot carry is named in `omitted`.
   * @throws InvalidInput `input.invalid`
   * @see ISO/IEC TS 27560; GDPR 7(1), 20
   */
  records(subject: string, wanted: RecordWanted): Promise<ExportedRecords>
  /**
   * The same, signed and in words.
   * @throws InvalidInput `input.invalid`; `input.too-large` for more than 1 MB of records
   */
  receipt(subject: string, wanted: RecordWanted & { readonly language: Language }): Promise<ConsentReceipt>
  /**
   * Takes records of one person in, each statement once however often it is imported. What cannot be mapped is named with
   * its place and reason, and changes nothing; where that may have been a no, no consent of the import is taken.
   * @throws InvalidInput `input.invalid`, `input.too-large`; Conflict `conflict.erased`
   */
  importRecords(given: RecordImport): Promise<RecordsImported>
}

interface Parts {
  readonly policy: Policy
  readonly environment: Environment
  readonly keys: Keys
  readonly standings: Standings
  readonly recorder: Recorder
  readonly list: (subject: string) => AsyncIterable<ConsentEvent>
}

export function createRecords(parts: Parts): Records {
  return {
    async records(subject, given) {
      const wanted = parse(wantedParser, given, 'wanted')
      return (await exported(parts, { subject, wanted, language: 'en' })).exported
    },

    async receipt(subject, given) {
      const { language, ...wanted } = parse(receiptWantedParser, given, 'wanted')
      const { exported: all, events } = await exported(parts, { subject, wanted, language })
      const text = receiptText(parts.policy, { events, noticeUrl: wanted.noticeUrl, language })
      const payload = { ...all, subject, issuedAt: parts.environment.now(), text }
      return { ...all, text, jws: await parts.keys.sign(payload, consentReceiptType) }
    },

    async importRecords(input) {
      const { records: given, ...rest } = parse(importParser, input, 'import')
      checkValue(given, 'import.records')
      const records = given as readonly JsonValue[]
      const { principal = rest.subject, format } = rest
      const { policy, environment } = parts
      const read = (format === 'kantara' ? readKantara : readDpv)(policy, { records, principal })
      return taken(parts, { ...rest, ...taking(policy, { read, now: environment.now() }), records })
    },
  }
}

async function exported(
  { policy, environment, keys, standings, list }: Parts,
  { subject: given, wanted, language }: { subject: string; wanted: RecordWanted; language: Language },
): Promise<{ exported: ExportedRecords; events: readonly ConsentEvent[] }> {
  const subject = parse(idParser, given, 'subject')
  const { format, noticeUrl } = wanted
  const events: ConsentEvent[] = []
  for await (const event of list(subject)) events.push(event)
  const told = { policy, subject, events, noticeUrl }
  if (format === 'dpv-27560') return { exported: dpvRecords(told), events }
  const { standing } = await standings.read(subject)
  const publicKey = JSON.stringify((await keys.jwks()).keys[0])
  const receipts = { ...told, standing, at: environment.now(), language, publicKey }
  return { exported: kantaraReceipts(receipts), events }
}

type Taking = Omit<RecordImport, 'records'> & {
  readonly records: readonly JsonValue[]
  readonly carried: readonly Carried[]
  readonly unmapped: readonly Unmapped[]
}

async function taken(parts: Parts, { subject, operator, ...read }: Taking): Promise<RecordsImported> {
  const there = new Set<string>()
  // What a merge carried here does not stand in for the person's own: the merge may be undone.
  for await (const event of parts.list(subject)) if (event.via?.how !== 'carried') there.add(nameOf(event))
  const recorded: ConsentEvent[] = []
  const unmapped = [...read.unmapped]
  let known = 0
  // A stable sort: what was recorded in one moment keeps the order of the records.
  for (const each of read.carried.toSorted((a, b) =>
    a.recorded < b.recorded ? -1 : a.recorded > b.recorded ? 1 : 0,
  )) {
    const evidence = { digest: digestOf(recordAt(read.records, each.path)) }
    if (there.has(nameOf(each))) known++
    else {
      there.add(nameOf(each))
      const event = await recordOne(parts, { carried: each, subject, operator, evidence })
      if (event === null)
        unmapped.push({ path: each.path, reason: each.kind === 'given' ? 'merged' : 'no-consent' })
      else recorded.push(event)
    }
  }
  return { recorded, known, unmapped }
}

const nameOf = (said: Pick<Carried, 'kind' | 'purpose' | 'effectiveAt' | 'expiresAt'>): string =>
  JSON.stringify([said.kind, said.purpose, said.effectiveAt, said.expiresAt ?? ''])

/** The record that a place lies in. */
const recordAt = (records: readonly JsonValue[], path: string): JsonValue =>
  records[Number(/^records\[(\d+)\]/.exec(path)?.[1])] ?? null

/** The statement as it was recorded; `null` for a renewal of what does not stand here, and a yes of who was merged. */
async function recordOne(
  { recorder }: Parts,
  {
    carried: { kind, purpose, effectiveAt, expiresAt, revokedBy = 'controller' },
    ...given
  }: { carried: Carried } & Pick<Statement, 'subject' | 'evidence'> & { operator: string },
): Promise<ConsentEvent | null> {
  const statement = { ...given, purpose, effectiveAt, by: 'list-import' } as const
  const said: Statement | Revocation =
    kind === 'revoked'
      ? { ...statement, revokedBy }
      : { ...statement, ...(expiresAt !== undefined && { expiresAt }) }
  try {
    return await recorder.record(kind, said, () => false)
  } catch (error) {
    if (isYes(kind) && error instanceof Conflict && error.code === 'conflict.state') return null
    throw error
  }
}
