/** Campaigns: those who are permitted, in order, by the rule that decides about one. */

import type { Candidate } from '@pilvi/privacy'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { orders } from './orders.ts'
import { recordAll } from './recording.ts'
import { collect, pilvi } from './scene.ts'

const calling = { purpose: 'telemarketing', channel: 'phone' } as const
const deny = { purpose: 'telemarketing', by: 'link' } as const

async function* people(count: number): AsyncIterable<string> {
  for (let i = 0; i < count; i++) yield `person-${i}`
}

describe('filter', () => {
  it('gives the permitted in order, and a count by reason', async () => {
    const { privacy } = pilvi()
    for (const i of [1, 3]) await privacy.consent.deny({ ...deny, subject: `person-${i}` })
    await privacy.consent.give({ ...deny, subject: 'person-4' })
    const found = privacy.consent.filter(people(5), calling)
    expect(found.counts()).toEqual({ asked: 0, permitted: 0, denied: 0, because: {} })
    expect(await collect(found)).toEqual(['person-0', 'person-2', 'person-4'])
    expect(found.counts()).toEqual({
      asked: 5,
      permitted: 3,
      denied: 2,
      because: { 'consent.not-denied': 2, 'consent.denied': 2, 'consent.given': 1 },
    })
    expect(await collect(found)).toEqual([])
  })

  it('counts a person under every rule that denies', async () => {
    const { privacy } = pilvi()
    await privacy.consent.deny({ ...deny, subject: 'a' })
    const found = privacy.consent.filter(['a'], { ...calling, channel: 'sms' })
    expect(await collect(found)).toEqual([])
    expect(found.counts()).toMatchObject({
      denied: 1,
      because: { 'consent.denied': 1, 'consent.missing': 1 },
    })
  })

  it('decides about each as decide does, whatever was said', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(orders, { maxLength: 4 }), async (streams) => {
        const held = pilvi()
        for (const [i, events] of streams.entries()) await recordAll(held, { subject: `person-${i}`, events })
        const all = await collect(people(5))
        for (const question of [calling, { ...calling, at: '2026-01-01T14:00:00.000Z' }] as const) {
          const one = await Promise.all(
            all.map((subject) => held.privacy.consent.decide({ ...question, subject })),
          )
          const expected = all.filter((_, i) => one[i]?.outcome === 'permit')
          expect(await collect(held.privacy.consent.filter(all, question))).toEqual(expected)
        }
      }),
      { numRuns: 40 },
    )
  })

  it('honours what is kept by address, and what the host says of each', async () => {
    const { privacy, erase } = pilvi()
    const fields = { contactPerson: 'x', email: 'x@example.com', vatId: 'FI20774740', phone: '+358401234567' }
    await privacy.register.save({ group: 'customer', subject: 'gone', origin: 'customer', fields })
    await privacy.consent.deny({ ...deny, subject: 'gone' })
    await erase('gone')
    const asked: Candidate[] = [
      { subject: 'a', contact: '+358 40 123 4567' },
      { subject: 'b', contact: '+358 40 765 4321' },
      { subject: 'c' },
      { subject: 'gone' },
    ]
    const found = privacy.consent.filter(asked, calling)
    expect((await collect(found)).map(({ subject }) => subject)).toEqual(['b', 'c'])
    expect(found.counts().because).toMatchObject({ 'consent.suppressed': 1, 'subject.erased': 1 })
  })

  it('reads a get for a thousand places, and no more people than that ahead', async () => {
    const { privacy, calls } = pilvi()
    await privacy.consent.decide({ ...calling, subject: 'a', contact: 'a@example.com' })
    calls.length = 0
    let taken = 0
    const counted = (async function* () {
      for await (const subject of people(2_500)) {
        taken++
        yield { subject, contact: 'a@example.com' }
      }
    })()
    const ahead: number[] = []
    let given = 0
    for await (const _ of privacy.consent.filter(counted, calling)) ahead.push(taken - given++)
    expect(given).toBe(2_500)
    expect(Math.max(...ahead)).toBeLessThanOrEqual(501)
    expect(calls).toEqual(Array(5).fill('get standings 1000'))
  })

  it('a denial between two batches is seen by the second', async () => {
    const { privacy } = pilvi()
    const found: string[] = []
    for await (const subject of privacy.consent.filter(people(1_002), calling)) {
      if (found.push(subject) === 1) {
        await privacy.consent.deny({ ...deny, subject: 'person-1' })
        await privacy.consent.deny({ ...deny, subject: 'person-1001' })
      }
    }
    expect(found.includes('person-1')).toBe(true)
    expect(found.includes('person-1001')).toBe(false)
  })

  it.each([
    [
      'a purpose not in the policy',
      { ...calling, purpose: 'espionage' },
      'input.not-in-policy',
      'question.purpose',
    ],
    ['a subject in the question', { ...calling, subject: 'a' }, 'input.invalid', 'question'],
  ])('refuses %s at once', (_, question, code, path) => {
    const { privacy } = pilvi()
    expect(() => privacy.consent.filter([], question as never)).toThrow(
      expect.objectContaining({ code, path }),
    )
  })

  it.each([
    ['an object', { $ne: null }, 'subject'],
    ['an empty id', '', 'subject.subject'],
    ['a number', 7, 'subject'],
  ])('refuses %s among the people', async (_, person, path) => {
    const { privacy } = pilvi()
    await expect(collect(privacy.consent.filter([person] as never, calling))).rejects.toMatchObject({
      code: 'input.invalid',
    })
    expect(path).toContain('subject')
  })

  it('stops where a standing cannot be read', async () => {
    const { privacy, backing } = pilvi()
    await privacy.consent.deny({ ...deny, subject: 'person-0' })
    const rows = backing.records.get('standings')?.rows ?? new Map()
    for (const [place, row] of rows) rows.set(place, { ...row, json: '{}' })
    const all = collect(privacy.consent.filter(people(2), calling))
    await expect(all).rejects.toMatchObject({ code: 'record.corrupt' })
  })
})
