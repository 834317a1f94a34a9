import { type Necessity, type Policy, parsePolicy, type Question } from '@pilvi/privacy'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import { describe, expect, it } from 'vitest'
import { necessityOf } from '../../src/consent/noes.ts'
import { markingsOf } from './marking.ts'
import { scene } from './scene.ts'

const { 'quality-control': usual, 'direct-marketing': marketing } = pilviPolicy.purposes
const { broader: _, ...telemarketing } = pilviPolicy.purposes.telemarketing

/** What can be denied absolutely, what lies within it or around it, and what has nothing to do with it. */
const policy: Policy = parsePolicy({
  ...pilviPolicy,
  purposes: {
    ...pilviPolicy.purposes,
    telemarketing: { ...telemarketing, broader: 'direct-marketing' },
    'direct-marketing': { ...marketing, broader: 'contacting' },
    contacting: { ...usual, channels: { post: 'unless-denied', phone: 'unless-denied' } },
    advertising: { ...usual, marketing: true },
    profiling: { ...usual, broader: 'direct-marketing' },
    care: {
      ...usual,
      denial: { absolute: false, law: 'GDPR 21(1)' },
      channels: { post: 'unless-denied' },
    },
    survey: { ...usual, legalBasis: 'consent', consentBy: 'opt-in' },
  },
})
const subject = 'person-1'

async function rules(mark: 'restrict' | 'object', question: Omit<Question, 'subject'>): Promise<string[]> {
  const held = scene(policy)
  const { mark: put } = markingsOf(held, policy)
  const { purpose } = question
  await put((markings) =>
    mark === 'restrict'
      ? markings.restrict(subject, { request: 'r1' })
      : markings.object(subject, { request: 'r1', purpose }),
  )
  const { outcome, because } = await held.privacy.consent.decide({ subject, ...question })
  expect(outcome).toBe(
    because.some(({ rule }) => /restricted|objected|missing/.test(rule)) ? 'deny' : 'permit',
  )
  return because.map(({ rule }) => rule)
}

const excepted = 'subject.restriction-excepted'
const all: readonly Necessity[] = ['storage', 'legal-claims', 'rights-of-others', 'public-interest']

describe('threat: marketing that calls itself necessary', () => {
  const purposes = [
    ['direct marketing', 'GDPR 21(3)', 'direct-marketing'],
    ['what lies within it', 'GDPR 21(3)', 'telemarketing'],
    ['profiling within it', 'GDPR 21(2)', 'profiling'],
    ['what contains it', 'GDPR 21(3)', 'contacting'],
    ['marketing that the policy lets nobody deny', 'GDPR 21(3)', 'advertising'],
    ['what the policy promises to end', 'the policy, "Right for denial"', 'market-research'],
  ] as const
  const rows = purposes.flatMap(([says, clause, purpose]) =>
    all.map((necessity) => [says, necessity, clause, purpose] as const),
  )

  it.each(rows)('%s, for %s, does not reach who is restricted or objected (%s)', async (...row) => {
    const [, necessity, , purpose] = row
    const channels = policy.purposes[purpose]?.channels === undefined ? [] : (['phone'] as const)
    for (const channel of [...channels, 'none'] as const) {
      expect(await rules('restrict', { purpose, channel, necessity })).toEqual(['subject.restricted'])
      expect(await rules('object', { purpose, channel, necessity })).toContain('consent.objected')
    }
  })
})

describe('what is necessary in spite of a restriction', () => {
  it.each([
    ['storing', 'GDPR 18(2)', { purpose: 'care', channel: 'none', necessity: 'storage' }, [excepted]],
    ['storing, of no channels', 'GDPR 18(2)', { purpose: 'delivery', necessity: 'storage' }, [excepted]],
    [
      'threat: a letter that calls itself storage',
      'GDPR 18(2)',
      { purpose: 'care', channel: 'post', necessity: 'storage' },
      [],
    ],
    [
      'a letter for a legal claim',
      'GDPR 18(2)',
      { purpose: 'care', channel: 'post', necessity: 'legal-claims' },
      [excepted],
    ],
  ] as const)('%s (%s)', async (_says, _clause, question, passed) => {
    const named = await rules('restrict', question)
    expect(named.filter((rule) => rule === excepted)).toEqual(passed)
    expect(named.includes('subject.restricted')).toBe(passed.length === 0)
  })

  it('is no basis of its own', async () => {
    const question = { purpose: 'survey', channel: 'none', necessity: 'legal-claims' } as const
    expect(await rules('restrict', question)).toEqual(['consent.missing'])
  })

  it.each([
    ['legal-claims', ['consent.not-denied']],
    ['public-interest', ['consent.objected']],
    ['rights-of-others', ['consent.objected']],
    ['storage', ['consent.objected']],
  ] as const)('%s, in spite of an objection (GDPR 21(1))', async (necessity, expected) => {
    expect(await rules('object', { purpose: 'care', channel: 'none', necessity })).toEqual(expected)
  })

  it('needs to be named', () => {
    expect(necessityOf({ policy, purpose: 'delivery' })).toBeUndefined()
  })
})
