/** A no that is said again is not thrown away: what is recorded later can be dated earlier. */

import { definePolicy, type Policy } from '@pilvi/privacy'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dayIn } from '../../src/calendar.ts'
import { decide } from '../../src/consent/rules.ts'
import { saysNo, saysNoToAll } from '../../src/consent/stance.ts'
import { apply, emptyStanding } from '../../src/consent/standing.ts'
import { moment, orders } from './orders.ts'
import { collect, customer, scene } from './scene.ts'

const subject = 'customer-1'
const click = { method: 'POST', body: 'List-Unsubscribe=One-Click' } as const
const robinson = { label: { en: 'List' }, lasts: { years: 3 }, clause: 'Right for denial' } as const
const marketing = pilviPolicy.purposes['direct-marketing']
const policy = definePolicy({
  ...pilviPolicy,
  denialLists: { robinson },
  purposes: {
    ...pilviPolicy.purposes,
    'direct-marketing': { ...marketing, denial: { ...marketing.denial, signal: 'gpc' } },
  },
} as Policy)

/** Somebody who denied telemarketing and marketing in January, and says so again on the first of December. */
async function denied() {
  const held = scene(policy)
  const { privacy, environment } = held
  const { consent } = privacy
  await privacy.register.save(customer)
  const { token } = await consent.unsubscribeLink({
    subject,
    purpose: 'telemarketing',
    url: 'https://example.com/',
  })
  for (const purpose of ['telemarketing', 'direct-marketing'])
    await consent.deny({ subject, purpose, by: 'phone', effectiveAt: '2026-01-10T10:00:00.000Z' })
  environment.set('2026-12-01T10:00:00.000Z')
  const list = () => ({
    csv: (async function* () {
      yield `${customer.fields.email}\n`
    })(),
    ...{ list: 'robinson', purposes: ['telemarketing'], operator: 'agent-7' },
    columns: [{ column: 1, holds: 'email' as const }],
    asOf: '2026-11-30T00:00:00.000Z' as const,
  })
  return { ...held, consent, token, list }
}

/** A letter of consent of June that is found now. */
const letter = {
  subject,
  by: 'letter',
  operator: 'agent-7',
  effectiveAt: '2026-06-01T10:00:00.000Z',
} as const

describe('a no that is said again is recorded again: a consent dated between the two does not win', () => {
  it.each([
    [
      'a click',
      'telemarketing',
      ({ consent, token }: Awaited<ReturnType<typeof denied>>) => consent.unsubscribe({ ...click, token }),
    ],
    [
      'a signal',
      'direct-marketing',
      ({ consent }: Awaited<ReturnType<typeof denied>>) =>
        consent.signal({ subject, headers: { 'sec-gpc': '1' } }),
    ],
    [
      'a list',
      'telemarketing',
      ({ consent, list }: Awaited<ReturnType<typeof denied>>) => consent.importBanList(list()),
    ],
  ] as const)('%s', async (_, purpose, again) => {
    const held = await denied()
    const before = (await collect(held.consent.list(subject))).length
    await again(held)
    await again(held)
    expect(await collect(held.consent.list(subject))).toHaveLength(before + 1)
    held.environment.set('2026-12-02T10:00:00.000Z')
    await held.consent.give({ ...letter, purpose })
    expect((await held.consent.decide({ subject, purpose, channel: 'phone' })).because[0].rule).toBe(
      'consent.denied',
    )
  })

  it('a click after a consent that ended: a renewal dated before it does not win', async () => {
    const { consent, environment, token } = await denied()
    await consent.give({
      subject,
      purpose: 'telemarketing',
      by: 'link',
      expiresAt: '2026-12-01T11:00:00.000Z',
    })
    await consent.unsubscribe({ ...click, token })
    environment.set('2026-12-01T12:00:00.000Z')
    await consent.give({
      subject,
      purpose: 'telemarketing',
      by: 'link',
      expiresAt: '2026-12-01T13:00:00.000Z',
    })
    environment.set('2026-12-01T14:00:00.000Z')
    await consent.unsubscribe({ ...click, token })
    const renewal = { ...letter, purpose: 'telemarketing', effectiveAt: '2026-12-01T12:30:00.000Z' } as const
    await expect(consent.renew(renewal)).rejects.toMatchObject({ code: 'conflict.state' })
    expect((await consent.decide({ subject, purpose: 'telemarketing', channel: 'phone' })).outcome).toBe(
      'deny',
    )
  })

  it('one a day at most, by the day where the policy holds', async () => {
    const { consent, environment, token } = await denied()
    const before = (await collect(consent.list(subject))).length
    for (const at of [
      '2026-12-01T21:59:00.000Z',
      '2026-12-01T22:00:00.000Z',
      '2026-12-02T21:59:59.999Z',
    ] as const) {
      environment.set(at)
      for (let i = 0; i < 5; i++) await consent.unsubscribe({ ...click, token })
    }
    expect(await collect(consent.list(subject))).toHaveLength(before + 2)
  })

  it('a signal of the next day ends no consent to a narrower purpose that came after the denial', async () => {
    const { consent, environment } = await denied()
    await consent.signal({ subject, headers: { 'sec-gpc': '1' } })
    await consent.give({ subject, purpose: 'telemarketing', by: 'link' })
    environment.set('2026-12-02T10:00:00.000Z')
    expect((await consent.signal({ subject, headers: { 'sec-gpc': '1' } })).recorded).toEqual([])
    expect((await consent.decide({ subject, purpose: 'telemarketing', channel: 'phone' })).outcome).toBe(
      'permit',
    )
    expect((await consent.decide({ subject, purpose: 'direct-marketing', channel: 'phone' })).outcome).toBe(
      'deny',
    )
  })

  it('what counts as said already changes no decision, whatever is recorded afterwards with a date of another day', () => {
    let said = 0
    const purposes = ['direct-marketing', 'telemarketing'] as const
    fc.assert(
      fc.property(orders, orders, fc.constantFrom(...purposes), (before, after, purpose) => {
        const day = 24
        // Days apart: a day is as fine as what comes by letter is dated.
        const spread = (n: string) => moment(((Date.parse(n) - Date.parse(moment(0))) / 3_600_000) * day)
        const scaled = (all: typeof before) =>
          all.map((event) => ({
            ...event,
            effectiveAt: spread(event.effectiveAt),
            ...(event.expiresAt && { expiresAt: spread(event.expiresAt) }),
          }))
        const told = scaled(before)
        const standing = told.reduce(apply, emptyStanding)
        const at =
          told
            .map(({ effectiveAt }) => effectiveAt)
            .sort()
            .at(-1) ?? moment(0)
        const leaving = { policy, purpose, at, kind: 'denied' } as const
        expect(saysNo(standing, leaving) || !saysNoToAll(standing, leaving)).toBe(true)
        if (!saysNoToAll(standing, leaving)) return
        said++
        const no = { ...told[0], id: 'again', kind: 'denied', purpose, by: 'link', effectiveAt: at }
        const { expiresAt: _, ...again } = no as never as (typeof before)[number]
        const [without, recorded] = [standing, apply(standing, again)].map((each) =>
          scaled(after).reduce(apply, each),
        )
        for (const asked of purposes) {
          for (const channel of ['phone', 'sms', 'none'] as const) {
            const ask = { policy, purpose: asked, channel, address: emptyStanding, at: moment(20 * day) }
            const [a, b] = [without, recorded].map((each) =>
              decide({ ...ask, standing: each ?? emptyStanding }),
            )
            expect(a?.outcome).toBe(b?.outcome)
          }
        }
      }),
      { numRuns: 5_000, seed: 20_261_201 },
    )
    expect(said).toBeGreaterThan(50)
    expect(dayIn(policy.timeZone, moment(0))).toBe('2026-01-01')
  })
})
