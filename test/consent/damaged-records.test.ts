/** What an import opens was open where the records come from, whatever of them cannot be read. */

import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { orders } from './orders.ts'
import { recordAll } from './recording.ts'
import { pilvi } from './scene.ts'

const subject = 'person-1'
type Json = Record<string, unknown>
const names = ['direct-marketing', 'telemarketing', 'market-research'] as const
const channels = ['phone', 'email', 'automated-call', 'post', 'none'] as const
const dpv = { format: 'dpv-27560', noticeUrl: 'https://example.com/privacy' } as const
const imported = (records: readonly unknown[]) =>
  ({ format: 'dpv-27560', subject, records, operator: 'agent-7' }) as const

/** Every place in a value that damage can reach: what tells records and their statements apart and gives them an order. */
function places(value: unknown, at: readonly (string | number)[] = []): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [[...at]]
  return [[...at], ...Object.entries(value).flatMap(([name, each]) => places(each, [...at, name]))]
}

const matter =
  /^\d+(,(@type|dpv:hasDataSubject.*|dpv:hasProcess|dpv:hasProcess,dpv:hasPurpose.*|dpv:has(ConsentStatus|RecordOfActivity),\d+(,(@type.*|dpv:isIndicatedAtTime|dct:created|dpv:hasDuration.*))?))?$/

/** The records with what stands at a place replaced. */
function damaged(records: readonly unknown[], { place, by }: { place: number; by: unknown }): unknown[] {
  const copy = structuredClone(records) as unknown[]
  const all = places(copy).filter((at) => matter.test(at.join()))
  const at = all[place % Math.max(all.length, 1)]
  if (at === undefined) return copy
  let node: Json = copy as never
  for (const name of at.slice(0, -1)) node = node[name] as Json
  node[String(at.at(-1))] = by
  return copy
}

const damage = fc.record({
  place: fc.nat(5_000),
  by: fc.constantFrom<unknown>(null, 7, '', 'junk', [], {}, true, { '@value': 7 }, ['junk', 'more'], '2026'),
})

describe('an import of damaged records', () => {
  it('opens nothing that was not open where they come from', async () => {
    const seen = { opened: 0, closed: 0 }
    await fc.assert(
      fc.asyncProperty(orders, fc.array(damage, { maxLength: 2 }), async (events, damages) => {
        const from = pilvi()
        await recordAll(from, { subject, events })
        const { records } = await from.privacy.consent.records(subject, dpv)
        const to = pilvi({ seed: 2 })
        to.environment.set(from.environment.now())
        const decisions = (held: typeof from) =>
          Promise.all(
            names.flatMap((purpose) =>
              channels.map((channel) => held.privacy.consent.decide({ subject, purpose, channel })),
            ),
          )
        const before = await decisions(to)
        const broken = damages.reduce<unknown[]>(damaged, JSON.parse(JSON.stringify(records)))
        const { unmapped } = await to.privacy.consent.importRecords(imported(broken))
        const [there, after] = [await decisions(from), await decisions(to)]
        for (const [i, { outcome }] of after.entries()) {
          if (outcome === 'deny') seen.closed++
          if (outcome === 'deny' || before[i]?.outcome === 'permit') continue
          seen.opened++
          expect([there[i]?.outcome, unmapped]).toEqual(['permit', unmapped])
        }
      }),
      { numRuns: 400, seed: 20_261_204 },
    )
    expect(seen.opened).toBeGreaterThan(20)
    expect(seen.closed).toBeGreaterThan(20)
  })

  const status = (type: unknown, time: unknown = '2025-01-01T00:00:00Z', more: Json = {}): Json => ({
    '@type': type,
    'dpv:isIndicatedAtTime': time,
    ...more,
  })
  const given = status('dpv:ConsentGiven', '2024-01-01T00:00:00Z')
  const record = (statuses: unknown, more: Json = {}): Json => ({
    '@type': 'dpv:ConsentRecord',
    'dpv:hasDataSubject': { 'dct:identifier': subject },
    'dpv:hasProcess': { 'dpv:hasPurpose': { '@id': 'https://w3id.org/dpv#DirectMarketing' } },
    'dpv:hasConsentStatus': statuses,
    ...more,
  })
  const calls = { 'dpv:hasProcess': { 'dpv:hasPurpose': 'https://pilvi.com/ns/purposes#Telemarketing' } }

  it.each<[name: string, records: unknown[], recorded: string, reasons: string]>([
    ['a no without a moment', [record([given, { '@type': 'dpv:ConsentWithdrawn' }])], '', 'time in-doubt'],
    [
      'a no of another vocabulary',
      [record([given, status('https://www.w3.org/ns/dpv#ConsentWithdrawn')])],
      '',
      'status in-doubt',
    ],
    ['a no that is no object', [record([given, 'dpv:ConsentWithdrawn'])], '', 'status in-doubt'],
    ['a no on a day', [record([given, status('dpv:ConsentWithdrawn', '2025-01-01')])], 'given withdrawn', ''],
    [
      'a no under the full name of the member',
      [record([given], { 'https://w3id.org/dpv#hasConsentStatus': status('dpv:ConsentWithdrawn') })],
      'given withdrawn',
      '',
    ],
    [
      'two noes in one',
      [record([given, status(['dpv:ConsentWithdrawn', 'dpv:ConsentRefused'])])],
      'given withdrawn',
      '',
    ],
    [
      'a no to what is not known as well',
      [
        record([given], calls),
        record([status('dpv:ConsentWithdrawn')], {
          'dpv:hasProcess': {
            'dpv:hasPurpose': ['https://w3id.org/dpv#DirectMarketing', 'https://elsewhere.example/x'],
          },
        }),
      ],
      'withdrawn',
      'purpose in-doubt',
    ],
    [
      'a no in a record of its own',
      [record([given], calls), record([{ '@type': 'dpv:ConsentWithdrawn' }])],
      '',
      'time in-doubt',
    ],
    ['a record that is none', [record([given]), 7], '', 'not-a-record in-doubt'],
    [
      'a yes to what is not known',
      [
        record([given]),
        record([given], { 'dpv:hasProcess': { 'dpv:hasPurpose': 'https://elsewhere.example/x' } }),
      ],
      'given',
      'purpose',
    ],
    [
      'a no that lies ahead',
      [record([given, status('dpv:ConsentWithdrawn', '2030-01-01T00:00:00Z')])],
      '',
      'time in-doubt',
    ],
    [
      'a yes that lies ahead',
      [record([given, status('dpv:ConsentGiven', '2030-01-01T00:00:00Z')])],
      'given',
      'time',
    ],
    [
      'a renewal of which nobody knows when',
      [record([given, status('dpv:RenewedConsentGiven', 'then')])],
      '',
      'time in-doubt',
    ],
    [
      'an end of which nobody knows when',
      [record([given, status('dpv:ConsentExpired', 'then')])],
      '',
      'time in-doubt',
    ],
    [
      'an end before the consent',
      [record([status('dpv:ConsentGiven', '2025-01-01'), status('dpv:ConsentExpired', '2025-01-01')])],
      '',
      'termination',
    ],
    [
      'two ends',
      [
        record([
          status('dpv:ConsentGiven', '2024-01-01', {
            'dpv:hasDuration': [{ 'rdf:value': '2030-01-01' }, { 'rdf:value': '2031-01-01' }],
          }),
        ]),
      ],
      '',
      'termination',
    ],
  ])('%s', async (_, records, recorded, reasons) => {
    const { consent } = pilvi().privacy
    const done = await consent.importRecords(imported(records))
    expect(done.recorded.map(({ kind }) => kind).join(' ')).toBe(recorded)
    expect(
      done.unmapped
        .map(({ reason }) => reason)
        .sort()
        .reverse()
        .join(' '),
    ).toBe(reasons.split(' ').sort().reverse().join(' '))
    if (recorded.includes('withdrawn') || recorded === '')
      expect((await consent.decide({ subject, purpose: 'direct-marketing', channel: 'email' })).outcome).toBe(
        'deny',
      )
  })

  it('dpv:ConsentExpired ends the consent, and is no no', async () => {
    const { consent } = pilvi().privacy
    const done = await consent.importRecords(imported([record([given, status('dpv:ConsentExpired')])]))
    expect(done).toMatchObject({
      recorded: [{ kind: 'given', expiresAt: '2025-01-01T00:00:00.000Z' }],
      unmapped: [],
    })
    const ask = { subject, purpose: 'direct-marketing' } as const
    expect((await consent.decide({ ...ask, channel: 'email' })).because[0].rule).toBe('consent.expired')
    expect((await consent.decide({ ...ask, channel: 'post' })).outcome).toBe('permit')
    expect(pilviPolicy.purposes['direct-marketing'].channels.post).toBe('unless-denied')
  })

  it('a Kantara receipt that cannot be read stands against the others; one to something unknown does not', async () => {
    const receipt = (purpose: Json): Json => ({
      version: 'KI-CR-v1.1.0',
      piiPrincipalId: subject,
      consentTimestamp: 1_588_323_600,
      services: [{ purposes: [{ consentType: 'EXPLICIT', termination: 'until withdrawn', ...purpose }] }],
    })
    const good = receipt({ purposeCategory: ['https://w3id.org/dpv#DirectMarketing'] })
    const reasons = async (bad: Json) => {
      const { consent } = pilvi().privacy
      const done = await consent.importRecords({ ...imported([good, bad]), format: 'kantara' })
      return [done.recorded.length, ...done.unmapped.map(({ reason }) => reason).sort()]
    }
    expect(await reasons(receipt({ purposeCategory: ['x'] }))).toEqual([1, 'purpose'])
    expect(await reasons(receipt({ consentType: 'IMPLICIT' }))).toEqual([1, 'not-explicit'])
    expect(await reasons(receipt({ termination: 'later' }))).toEqual([0, 'in-doubt', 'termination'])
  })
})
