import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InvalidInput } from '../../src/errors.ts'
import { definePolicy, parsePolicy } from '../../src/policy/define.ts'
import { contradictionRules } from '../../src/policy/lint/contradictions.ts'
import { pilviPolicy } from '../../src/policy/pilvi.ts'
import { trips } from './lint-trips.ts'
import { sound, spoilt, the } from './sound.ts'

/** What parsing a value says, or `null` where it parses. */
function refusal(value: unknown): InvalidInput | null {
  try {
    parsePolicy(value)
    return null
  } catch (error) {
    if (error instanceof InvalidInput) return error
    throw error
  }
}

/** Shapes that the type system would refuse, with the path that must be named. */
const shapes: readonly (readonly [path: string, spoil: (policy: Loose) => void])[] = [
  ['id', (p) => set(p, 'id', 'Not A Name')],
  ['version', (p) => set(p, 'version', ' ')],
  ['date', (p) => set(p, 'date', '2026-02-30')],
  ['date', (p) => set(p, 'date', '2026-1-1')],
  ['date', (p) => set(p, 'date', 20260101)],
  ['languages', (p) => set(p, 'languages', [])],
  ['languages', (p) => set(p, 'languages', ['en', 'en'])],
  ['languages[0]', (p) => set(p, 'languages', ['sv'])],
  ['jurisdiction', (p) => set(p, 'jurisdiction', 'Finland')],
  ['title.en', (p) => set(p, 'title', { fi: 'Seloste' })],
  ['title.en', (p) => set(p, 'title', { en: '\u0007' })],
  ['title.sv', (p) => set(p, 'title', { en: 'Notice', sv: 'Notis' })],
  ['controller.email', (p) => set(p, 'controller.email', 'nobody')],
  ['controller.email', (p) => set(p, 'controller.email', 'a@b.c"onclick=x')],
  ['controller.name', (p) => set(p, 'controller.name', 'two\nlines')],
  ['controller.phone', (p) => set(p, 'controller.phone', 'ask for me')],
  ['supervisoryAuthority.url', (p) => set(p, 'supervisoryAuthority.url', 'javascript:alert(1)')],
  ['supervisoryAuthority.url', (p) => set(p, 'supervisoryAuthority.url', 'http://insecure.example')],
  [
    'categories.Contact',
    (p) => set(p, 'categories.Contact', { label: { en: 'a' }, kind: 'other', clause: 'c' }),
  ],
  ['categories.contact.kind', (p) => set(p, 'categories.contact.kind', 'secret')],
  ['categories', (p) => set(p, 'categories', [])],
  ['categories', (p) => set(p, 'categories', null)],
  ['groups.customer.tier', (p) => set(p, 'groups.customer.tier', 'nobody')],
  ['groups.customer.anyOf[0]', (p) => set(p, 'groups.customer.anyOf', [[]])],
  ['groups.customer.fields.name.kind', (p) => set(p, 'groups.customer.fields.name.kind', 'free')],
  ['groups.customer.fields.name.required', (p) => set(p, 'groups.customer.fields.name.required', false)],
  ['purposes.delivery.clause', (p) => set(p, 'purposes.delivery.clause', undefined)],
  ['purposes.delivery.legalBasis', (p) => set(p, 'purposes.delivery.legalBasis', 'because')],
  ['purposes.delivery.legalBasis', (p) => set(p, 'purposes.delivery.legalBasis', undefined)],
  ['purposes.surveys.denial.law', (p) => set(p, 'purposes.surveys.denial.law', ' ')],
  ['purposes.marketing.channels.fax', (p) => set(p, 'purposes.marketing.channels.fax', 'consent')],
  ['purposes.marketing.vocabulary[0].iri', (p) => set(p, 'purposes.marketing.vocabulary.0.iri', 'dpv')],
  ['recipients.host.grounds[0]', (p) => set(p, 'recipients.host.grounds', ['curiosity'])],
  ['recipients.surveyor.transfer.since', (p) => set(p, 'recipients.surveyor.transfer.since', 'once')],
  ['retention.log.keep', (p) => set(p, 'retention.log.keep', 'forever')],
  ['retention.log.keep.days', (p) => set(p, 'retention.log.keep', { after: 'recorded', days: 0 })],
  ['retention.contact.exemption.rule.years', (p) => set(p, 'retention.contact.exemption.rule.years', 1.5)],
  ['retention.contact.exemption.rule.from', (p) => set(p, 'retention.contact.exemption.rule.from', 'now')],
  ['publications.rawHours', (p) => set(p, 'publications.rawHours', -1)],
  ['publications.protection.mode', (p) => set(p, 'publications.protection.mode', 'noise')],
  ['publications.tables.visits.measures', (p) => set(p, 'publications.tables.visits.measures', [])],
  [
    'publications.tables.visits.dimensions[0]',
    (p) => set(p, 'publications.tables.visits.dimensions', ['ip']),
  ],
  ['rights.oblivion', (p) => set(p, 'rights.oblivion', { says: { en: 'a' }, clause: 'c' })],
  ['mfa.factors[0]', (p) => set(p, 'mfa.factors', ['sms'])],
  ['passages[0].text', (p) => set(p, 'passages.0.text', 'plain')],
  ['surprise', (p) => set(p, 'surprise', 1)],
  ['ownData.visits', (p) => set(p, 'ownData.visits', undefined)],
  ['ownData.publications', (p) => set(p, 'ownData.publications', undefined)],
  ['timeZone', (p) => set(p, 'timeZone', '')],
  ['controller.financialYearEnd', (p) => set(p, 'controller.financialYearEnd', '')],
  ['title.fi', (p) => set(p, 'title', { en: 'Notice', fi: ' ' })],
]

type Loose = { [name: string]: unknown }

function set(policy: Loose, path: string, value: unknown): void {
  const steps = path.split('.')
  const last = steps.pop() ?? ''
  let at = policy
  for (const step of steps) at = at[step] as Loose
  at[last] = value
}

describe('parsePolicy', () => {
  it.each(shapes)('refuses %s', (path, spoil) => {
    const copy = structuredClone(sound) as unknown as Loose
    spoil(copy)
    expect(refusal(copy)).toMatchObject({ code: 'policy.invalid', path, retryable: false })
  })

  const contradictions = contradictionRules.flatMap(({ id }) =>
    (trips[id] ?? []).map((trip) => ({ rule: id, ...trip })),
  )

  it.each(contradictions)('refuses what $rule finds at $path', ({ spoil }) => {
    expect(refusal(spoilt(spoil))).toMatchObject({ code: 'policy.invalid' })
  })

  it('names the path of a contradiction', () => {
    const policy = spoilt((p) => {
      the(p.recipients, 'host').fields = ['customer.name', 'customer.fax']
    })
    const error = refusal(policy)
    expect(error?.path).toBe('recipients.host.fields[1]')
    expect(error?.message).not.toContain('fax')
  })

  it.each([undefined, null, 1, 'policy', [], () => {}])('refuses %s, which is no policy', (value) => {
    expect(refusal(value)?.code).toBe('policy.invalid')
  })

  it('throws nothing but its refusal, whatever it is given', () => {
    fc.assert(
      fc.property(fc.anything(), fc.constantFrom(...Object.keys(sound)), (value, member) => {
        refusal(value)
        refusal({ ...sound, [member]: value })
      }),
    )
  })

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'])(
    'prototype pollution: refuses a purpose named %s',
    (name) => {
      const policy: Loose = JSON.parse(JSON.stringify(sound))
      Object.defineProperty(policy['purposes'] as Loose, name, {
        value: sound.purposes['delivery'],
        enumerable: true,
      })
      expect(refusal(policy)).toMatchObject({ code: 'policy.invalid' })
      expect(({} as Loose)['label']).toBeUndefined()
    },
  )

  it('gives a frozen copy, equal to what it was given, all the way down', () => {
    const given = structuredClone(sound)
    const parsed = parsePolicy(given)
    expect(parsed).toEqual(given)
    expect(Object.isFrozen(given)).toBe(false)
    const thawed = (value: unknown): boolean =>
      typeof value === 'object' &&
      value !== null &&
      (!Object.isFrozen(value) || Object.values(value).some(thawed))
    expect(thawed(parsed)).toBe(false)
  })

  it('a policy survives JSON', () => {
    for (const policy of [sound, pilviPolicy]) {
      expect(parsePolicy(JSON.parse(JSON.stringify(policy)))).toEqual(policy)
    }
  })
})

describe('definePolicy', () => {
  it('is parsePolicy with the types of what it was given', () => {
    expect(definePolicy(sound)).toEqual(parsePolicy(sound))
    expect(() => definePolicy({ ...sound, timeZone: 'Nowhere' })).toThrow(
      'timeZone must be an IANA time zone',
    )
  })
})
