/** What is no input at all is refused by a code, and never ends in an error of the language. */

import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seenIn } from '../../src/consent/ban-list.ts'
import { collect, scene } from './scene.ts'

const robinson = { label: { en: 'List' }, lasts: { years: 3 }, clause: 'Right for denial' } as const
const policy = { ...pilviPolicy, denialLists: { robinson } }
const { consent } = scene(policy).privacy
const wanted = { format: 'kantara', noticeUrl: 'https://example.com/privacy' } as const
const list = {
  list: 'robinson',
  purposes: ['telemarketing'],
  columns: [{ column: 1, holds: 'phone' }],
  asOf: '2026-11-20T00:00:00.000Z',
  operator: 'agent-7',
}
const question = { purpose: 'telemarketing', channel: 'phone' } as const
async function* none() {}

describe('odd input', () => {
  it.each<[name: string, call: () => unknown, path: string]>([
    ['a receipt of nothing', () => consent.receipt('a', null as never), 'wanted'],
    ['a receipt in no language', () => consent.receipt('a', wanted as never), 'wanted.language'],
    [
      'a receipt in one there is not',
      () => consent.receipt('a', { ...wanted, language: 'sv' } as never),
      'wanted.language',
    ],
    [
      'a receipt in what every object has',
      () => consent.receipt('a', { ...wanted, language: 'constructor' } as never),
      'wanted.language',
    ],
    ['records of nothing', () => consent.records('a', null as never), 'wanted'],
    ['a signal of nothing', () => consent.signal(null as never), 'signal'],
    ['a signal of nobody', () => consent.signal({ headers: {} } as never), 'signal.subject'],
    ['a campaign of nobody', () => consent.filter(null as never, question), 'people'],
    ['a campaign of one text', () => consent.filter('ab' as never, question), 'people'],
    ['a campaign of null', () => collect(consent.filter([null as never], question)), 'person'],
    ['a list of nothing', () => consent.importBanList(null as never), 'list'],
    ['a preview of nothing', () => consent.previewBanList(undefined as never), 'list'],
    ['a list without a file', () => consent.importBanList(list as never), 'list'],
    [
      'a list of four years ago',
      () => consent.importBanList({ ...list, csv: none(), asOf: '2022-11-20T00:00:00.000Z' } as never),
      'list.asOf',
    ],
    [
      'a list of tomorrow',
      () => consent.previewBanList({ ...list, csv: none(), asOf: '2026-11-24T00:00:00.000Z' } as never),
      'list.asOf',
    ],
  ])('%s', async (_, call, path) => {
    await expect((async () => call())()).rejects.toMatchObject({
      name: 'InvalidInput',
      code: 'input.invalid',
      path,
    })
  })
})

describe('a list of more contacts than a set takes', () => {
  it('is counted in parts: each number is new once', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40)), fc.integer({ min: 1, max: 5 }), (numbers, most) => {
        const seen = seenIn(most)
        const fresh = numbers.filter((each) => seen.isNew(each))
        expect(fresh).toEqual([...new Set(numbers)])
      }),
    )
  })
})
