import { type Policy, parseGpc, renderPolicy } from '@pilvi/privacy'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { collect, scene } from './scene.ts'

const sharing = {
  ...pilviPolicy.purposes['direct-marketing'],
  denial: { absolute: true, law: 'GDPR 21(2)', signal: 'gpc' },
} as const
const policy: Policy = { ...pilviPolicy, purposes: { ...pilviPolicy.purposes, sharing } }
const subject = 'person-1'
const on = { subject, headers: { 'Sec-GPC': '1' } }
const given = async () => {
  const { privacy } = scene(policy)
  return { consent: privacy.consent, events: () => collect(privacy.consent.list(subject)) }
}

describe('parseGpc', () => {
  it.each<[signal: string, name: string, headers: Parameters<typeof parseGpc>[0]]>([
    ['gpc', 'the header', { 'Sec-GPC': '1' }],
    ['gpc', 'as Node has it', { 'sec-gpc': '1' }],
    ['gpc', 'as fetch has it', new Headers({ 'Sec-GPC': '1' })],
    ['gpc', 'with spaces', { 'sec-gpc': ' 1 ' }],
    ['gpc', 'in a list of one', { 'sec-gpc': ['1'] }],
    ['none', 'absence', {}],
    ['none', 'absence in fetch', new Headers()],
    ['none', 'undefined', { 'sec-gpc': undefined }],
    ['none', 'nought', { 'sec-gpc': '0' }],
    ['none', 'true', { 'sec-gpc': 'true' }],
    ['none', 'a structured true', { 'sec-gpc': '?1' }],
    ['none', 'eleven', { 'sec-gpc': '11' }],
    ['none', 'nothing', { 'sec-gpc': '' }],
    ['none', 'twice', { 'sec-gpc': ['1', '1'] }],
    [
      'none',
      'twice, joined by fetch',
      new Headers([
        ['sec-gpc', '1'],
        ['sec-gpc', '0'],
      ]),
    ],
    ['none', 'Do Not Track', { DNT: '1' }],
    ['none', 'a number', { 'sec-gpc': 1 } as never],
    ['none', 'no headers', null as never],
  ])('%s: %s', (signal, _, headers) => {
    expect(parseGpc(headers)).toBe(signal)
  })

  it('reads nothing but exactly 1', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => text.trim() !== '1'),
        (text) => {
          expect(parseGpc({ 'sec-gpc': text })).toBe('none')
        },
      ),
    )
  })
})

describe('a signal', () => {
  it.each([
    ['en', 'A browser that sends the signal Sec-GPC prohibits this as well.'],
    ['fi', 'Myös selain, joka lähettää Sec-GPC-ilmoituksen, kieltää tämän.'],
  ] as const)('that is obeyed stands in the notice, and only there (%s)', (language, says) => {
    expect(renderPolicy(policy, { language, format: 'markdown' })).toContain(says)
    expect(renderPolicy(pilviPolicy, { language, format: 'markdown' })).not.toContain(says)
  })

  it('denies what the policy maps to it, and nothing else', async () => {
    const { consent, events } = await given()
    const { recorded } = await consent.signal(on)
    expect(recorded).toEqual([expect.objectContaining({ kind: 'denied', purpose: 'sharing', by: 'gpc' })])
    expect(await events()).toEqual(recorded)
    expect((await consent.decide({ subject, purpose: 'sharing', channel: 'post' })).outcome).toBe('deny')
    expect((await consent.decide({ subject, purpose: 'market-research', channel: 'post' })).outcome).toBe(
      'permit',
    )
  })

  it('is recorded once while it stands, also by thirty requests at once', async () => {
    const { consent, events } = await given()
    const all = await Promise.all(Array.from({ length: 30 }, () => consent.signal(on)))
    expect(all.flatMap(({ recorded }) => recorded)).toHaveLength(1)
    expect(await consent.signal(on)).toEqual({ signal: 'gpc', recorded: [], consented: [] })
    expect(await events()).toHaveLength(1)
  })

  it('its absence is nothing: it records nothing, and lifts no denial', async () => {
    const { consent, events } = await given()
    await consent.signal(on)
    expect(await consent.signal({ subject, headers: { 'sec-gpc': '0' } })).toEqual({
      signal: 'none',
      recorded: [],
      consented: [],
    })
    expect((await consent.decide({ subject, purpose: 'sharing', channel: 'post' })).outcome).toBe('deny')
    expect(await events()).toHaveLength(1)
  })

  it('GPC as consent: it cannot be given, withdrawn or refused by it', async () => {
    const { consent } = await given()
    const statement = { subject, purpose: 'sharing', by: 'gpc' } as const
    for (const verb of ['give', 'withdraw', 'refuse', 'renew'] as const) {
      await expect(consent[verb](statement)).rejects.toThrow(
        expect.objectContaining({ path: 'statement.by' }),
      )
    }
  })

  it('takes back no consent of the person to the very purpose; after a withdrawal it denies', async () => {
    const { consent } = await given()
    const about = { subject, purpose: 'sharing', by: 'link' } as const
    await consent.give(about)
    expect(await consent.signal(on)).toEqual({ signal: 'gpc', recorded: [], consented: ['sharing'] })
    await consent.withdraw(about)
    expect((await consent.signal(on)).recorded).toHaveLength(1)
  })

  it('is not about a person who was erased', async () => {
    const { privacy, erase } = scene(policy)
    await erase(subject)
    await expect(privacy.consent.signal(on)).rejects.toThrow(
      expect.objectContaining({ code: 'conflict.erased' }),
    )
  })

  it('denies nothing under a policy that maps nothing to it', async () => {
    const { privacy } = scene<Policy>(pilviPolicy)
    expect(await privacy.consent.signal(on)).toEqual({ signal: 'gpc', recorded: [], consented: [] })
  })
})
