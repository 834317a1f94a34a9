import type { CalendarDate, LinkEvent } from '@pilvi/privacy'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addPeriod } from '../../src/calendar.ts'
import { linkAfter } from '../../src/disclosure/links.ts'
import { collect, scene, startedAt } from '../consent/scene.ts'
import { partner } from './cases.ts'
import { policy } from './policy.ts'
import { disclosed, type Held, subject } from './scene.ts'

const customer = { subject, recipient: 'product-partner' } as const
const links = ({ privacy }: Held) => collect(privacy.disclosure.links(subject))
const day = (n: number): CalendarDate => addPeriod('2026-11-23', { days: n })

async function rule({ privacy }: Held, on?: CalendarDate): Promise<string | undefined> {
  const { because } = await privacy.disclosure.evaluate({ ...partner, subject, ...(on && { on }) })
  return because[0].rule
}

type Told = readonly (readonly ['link' | 'unlink', from?: number | undefined, until?: number])[]

/** What the customer told today, and the days around today (0) on which the partner may have the data. */
const told: readonly (readonly [says: string, told: Told, days: readonly number[]])[] = [
  ['nothing', [], []],
  ['that it is connected', [['link']], [0, 1, 2, 3]],
  ['that it is connected since the day before yesterday', [['link', -2]], [-2, -1, 0, 1, 2, 3]],
  ['that it was connected until yesterday', [['link', -3, -1]], [-3, -2, -1]],
  ['that it is connected for today only', [['link', 0, 0]], [0]],
  ['that it is connected from tomorrow', [['link', 1]], [1, 2, 3]],
  ['that it is no more, though it never was', [['unlink']], []],
  ['that it is connected, and no more', [['link'], ['unlink']], []],
  ['that it is connected since, and no more: the days before stay', [['link', -2], ['unlink']], [-2, -1]],
  [
    'that it ends the day after tomorrow',
    [
      ['link', -1],
      ['unlink', undefined, 2],
    ],
    [-1, 0, 1, 2],
  ],
  [
    'that it ends the day after tomorrow, and then at once',
    [['link', -1], ['unlink', undefined, 2], ['unlink']],
    [-1],
  ],
  [
    'that it ends at once, and then the day after tomorrow: what has ended does not come back',
    [['link', -1], ['unlink'], ['unlink', undefined, 2]],
    [-1],
  ],
  [
    'that it ended before it was told',
    [
      ['link', -3],
      ['unlink', undefined, -2],
    ],
    [-3, -2],
  ],
  ['that it is connected again', [['link', -2], ['unlink'], ['link']], [-2, -1, 0, 1, 2, 3]],
  ['that one to come is taken back', [['link', 2], ['unlink']], []],
  [
    'two spans',
    [
      ['link', -3, -2],
      ['link', 1, 2],
    ],
    [-3, -2, 1, 2],
  ],
  [
    'two links of which one is shorter',
    [
      ['link', -1],
      ['link', 0, 1],
    ],
    [-1, 0, 1, 2, 3],
  ],
]

describe('a link to a partner ("Disclosure": partners connected to products the customer chose)', () => {
  it.each(told)('told %s', async (_, statements, days) => {
    const held = scene(policy)
    for (const [what, from, until] of statements) {
      await held.privacy.disclosure[what]({
        ...customer,
        ...(from !== undefined && { from: day(from) }),
        ...(until !== undefined && { until: day(until) }),
      })
    }
    for (const n of [-4, -3, -2, -1, 0, 1, 2, 3]) {
      const expected = days.includes(n) ? 'disclosure.permitted' : 'disclosure.not-linked'
      expect([n, await rule(held, day(n))]).toEqual([n, expected])
    }
    const { outcome } = await held.privacy.disclosure.decide({ ...partner, subject })
    expect(outcome).toBe(days.includes(0) ? 'permit' : 'deny')
  })

  it('that ended yesterday denies today, and permits for a day that is past', async () => {
    const held = scene(policy)
    await held.privacy.disclosure.link({ ...customer, until: '2026-11-30' })
    held.environment.set('2026-11-30T21:59:59.999Z')
    expect(await rule(held)).toBe('disclosure.permitted')
    // The day is that of the policy’s time zone: it is the first of December in Espoo.
    held.environment.set('2026-11-30T22:00:00.000Z')
    expect((await held.privacy.disclosure.decide({ ...partner, subject })).because).toEqual([
      { rule: 'disclosure.not-linked', clause: 'Disclosure' },
    ])
    expect(await rule(held, '2026-11-30')).toBe('disclosure.permitted')
    expect(await rule(held, '2026-12-01')).toBe('disclosure.not-linked')
  })

  it('is on record with its days, who took the word, and an act in the ledger that names nobody', async () => {
    const held = scene(policy)
    const endedAt = '2026-11-23T11:00:00.000Z'
    const { disclosure, ledger } = held.privacy
    const made = await disclosure.link({ ...customer, until: '2027-01-31', operator: 'agent-7' })
    held.environment.set(endedAt)
    const ended = await disclosure.unlink(customer)
    const common = {
      id: expect.stringMatching(/^[0-9a-z]{26}$/),
      recipient: 'product-partner',
      category: 'disclosure-record',
    }
    expect(await links(held)).toEqual([
      {
        ...common,
        kind: 'linked',
        on: '2026-11-23',
        until: '2027-01-31',
        operator: 'agent-7',
        recordedAt: startedAt,
      },
      { ...common, kind: 'unlinked', on: '2026-11-22', recordedAt: endedAt },
    ])
    await ledger.sequence()
    const acts = (await collect(ledger.list())).filter(({ action }) => action.startsWith('disclosure.'))
    expect(acts).toMatchObject([
      {
        action: 'disclosure.linked',
        actor: { role: 'operator', id: 'agent-7' },
        record: made.id,
        clause: 'Disclosure',
      },
      {
        action: 'disclosure.unlinked',
        actor: { role: 'subject' },
        record: ended.id,
        details: { recipient: 'product-partner', on: '2026-11-22' },
      },
    ])
    expect(JSON.stringify(acts)).not.toContain(subject)
    expect(await disclosed(held)).toEqual([])
  })

  it('about somebody new is committed at the first try, beside the key that names them', async () => {
    const { privacy, calls } = scene(policy)
    await privacy.disclosure.link(customer)
    expect(calls.filter((call) => call === 'commit 3')).toEqual(['commit 3'])
  })

  it('is of one customer, one partner and one tenant', async () => {
    const held = scene(policy)
    const { disclosure } = held.privacy
    await disclosure.link({ ...customer, recipient: 'controller' })
    await disclosure.link({ ...customer, subject: 'person-78' })
    await held.privacy.tenant('shop').disclosure.link(customer)
    expect(await rule(held)).toBe('disclosure.not-linked')
    await disclosure.link(customer)
    expect(await rule(held)).toBe('disclosure.permitted')
    await disclosure.unlink({ ...customer, recipient: 'controller' })
    expect(await rule(held)).toBe('disclosure.permitted')
  })

  it('and its end lose nothing when 20 of them are told at the same moment', async () => {
    const held = scene(policy, { waits: 'really' })
    const { disclosure } = held.privacy
    const told = await Promise.all(
      Array.from({ length: 20 }, (_, i) => (i % 2 ? disclosure.unlink(customer) : disclosure.link(customer))),
    )
    const kept = await links(held)
    expect(kept.map(({ id }) => id).sort()).toEqual(told.map(({ id }) => id).sort())
    // Whatever their order was: it is what the last of them says.
    expect(await rule(held)).toBe(
      kept.at(-1)?.kind === 'linked' ? 'disclosure.permitted' : 'disclosure.not-linked',
    )
  })

  it.each(['link', 'unlink'] as const)('two of %s at the same moment are both kept', async (what) => {
    const held = scene(policy, { waits: 'really' })
    await Promise.all([1, 2].map(() => held.privacy.disclosure[what](customer)))
    expect((await links(held)).length).toBe(2)
  })
})

describe('the rule of links', () => {
  const base: CalendarDate = '2026-06-01'
  const at = (n: number): CalendarDate => addPeriod(base, { days: n })
  const event = fc.oneof(
    fc.record({
      kind: fc.constant('linked' as const),
      recipient: fc.constantFrom('a', 'b'),
      from: fc.nat(12),
      length: fc.option(fc.nat(6)),
    }),
    fc.record({
      kind: fc.constant('unlinked' as const),
      recipient: fc.constantFrom('a', 'b'),
      from: fc.nat(12),
    }),
  )

  it('agrees with a calendar on which links are painted and their ends wiped, whatever the order', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 8 }), (drawn) => {
        const painted: Record<string, Map<number, string>> = { a: new Map(), b: new Map() }
        const events = drawn.map((each, i): LinkEvent => {
          const id = `e${i}`
          const days = painted[each.recipient] as Map<number, string>
          const common = { id, recipient: each.recipient, recordedAt: startedAt, category: 'x' } as const
          if (each.kind === 'unlinked') {
            for (const n of [...days.keys()]) if (n > each.from) days.delete(n)
            return { ...common, kind: 'unlinked', on: at(each.from) }
          }
          const end = each.length === null ? 20 : each.from + each.length
          for (let n = each.from; n <= end; n++) days.set(n, id)
          return {
            ...common,
            kind: 'linked',
            on: at(each.from),
            ...(each.length !== null && { until: at(end) }),
          }
        })
        for (const recipient of ['a', 'b']) {
          for (let n = 0; n <= 20; n++)
            expect(
              events.reduce<string | undefined>(
                (before, event) => linkAfter(before, { recipient, on: at(n), event }),
                undefined,
              ),
            ).toBe(painted[recipient]?.get(n))
        }
      }),
      { numRuns: 500, seed: 5 },
    )
  })
})

describe('a link or its end is refused, and nothing is recorded,', () => {
  it.each([
    [
      'link',
      'to somebody who is no partner',
      { recipient: 'hosting-provider' },
      'input.not-in-policy',
      'link.recipient',
    ],
    ['link', 'to somebody unknown', { recipient: 'data-broker' }, 'input.not-in-policy', 'link.recipient'],
    [
      'link',
      'to what every object has',
      { recipient: 'constructor' },
      'input.not-in-policy',
      'link.recipient',
    ],
    ['link', 'that ends before it begins', { until: '2026-11-22' }, 'input.invalid', 'link.until'],
    ['link', 'that began more than a year ago', { from: '2025-11-22' }, 'input.invalid', 'link.from'],
    ['link', 'that begins in more than a year', { from: '2027-11-24' }, 'input.invalid', 'link.from'],
    ['link', 'on a day that is none', { from: '2026-02-30' }, 'input.invalid', 'link.from'],
    ['link', 'of an object', { subject: { $ne: null } }, 'input.invalid', 'link.subject'],
    ['link', 'with a misspelt member', { untill: '2027-01-01' }, 'input.invalid', 'link'],
    [
      'unlink',
      'from somebody who is no partner',
      { recipient: 'hosting-provider' },
      'input.not-in-policy',
      'unlink.recipient',
    ],
    ['unlink', 'more than a year ago', { until: '2025-11-22' }, 'input.invalid', 'unlink.until'],
    ['unlink', 'in more than a year', { until: '2027-11-24' }, 'input.invalid', 'unlink.until'],
    ['unlink', 'with a first day', { from: '2026-11-23' }, 'input.invalid', 'unlink'],
  ] as const)('%s %s', async (what, _, more, code, path) => {
    const held = scene(policy)
    const input = { ...customer, ...more } as never
    await expect(held.privacy.disclosure[what](input)).rejects.toMatchObject({ code, path })
    expect(held.backing.streams.get('links')?.size ?? 0).toBe(0)
  })

  it('of a person who was erased; what there was is not shown', async () => {
    const held = scene(policy)
    await held.privacy.disclosure.link(customer)
    await held.erase(subject)
    for (const what of ['link', 'unlink'] as const)
      await expect(held.privacy.disclosure[what](customer)).rejects.toMatchObject({ code: 'conflict.erased' })
    expect(await links(held)).toEqual([])
    expect(await rule(held)).toBe('disclosure.denied')
  })

  it('whose list is asked of an object', async () => {
    const { privacy } = scene(policy)
    await expect(collect(privacy.disclosure.links({} as never))).rejects.toMatchObject({
      code: 'input.invalid',
      path: 'subject',
    })
  })
})
