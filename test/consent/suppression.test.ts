import { describe, expect, it } from 'vitest'
import { contactForm } from '../../src/consent/contact.ts'
import { customer, pilvi } from './scene.ts'

const statement = { subject: customer.subject, purpose: 'telemarketing', by: 'link' } as const

describe('addresses are compared without what people write differently', () => {
  it.each([
    ['A@Example.COM', 'a@example.com'],
    [' a@example.com ', 'a@example.com'],
    ['+358 40 123-4567', '+358401234567'],
    ['00358 40 1234567', '+358401234567'],
    ['+358 (0)40 123 45 67', '+358401234567'],
    ['(09) 123.456/7', '091234567'],
    ['０４０１２３', '040123'],
    ['agent-7', 'agent-7'],
    ['Street 1, 02600 Espoo', 'street1,02600espoo'],
  ])('%s', (contact, form) => {
    expect(contactForm(contact)).toBe(form)
  })
})

describe('what an erasure leaves at an address', () => {
  const contact = customer.fields.email
  const asked = { subject: 'somebody-else', purpose: 'telemarketing', channel: 'phone', contact } as const
  const saved = async (subject = customer.subject, email: string = contact) => {
    const held = pilvi()
    const save = (id: string, as: string) =>
      held.privacy.register.save({ ...customer, subject: id, fields: { ...customer.fields, email: as } })
    await save(subject, email)
    return { ...held, save }
  }
  const of = statement
  const later = '2027-06-01T00:00:00.000Z'

  it.each([
    ['a denial', ['deny'], 'deny'],
    ['a refusal', ['refuse'], 'deny'],
    ['a withdrawal', ['give', 'withdraw'], 'deny'],
    ['nothing of a consent', ['give'], 'permit'],
    ['nothing of a denial that the person’s own consent lifted', ['deny', 'give'], 'permit'],
    ['nothing where nothing was said', [], 'permit'],
  ] as const)('%s', async (_, verbs, outcome) => {
    const { privacy, erase, backing } = await saved()
    for (const verb of verbs) await privacy.consent[verb](of)
    await erase(of.subject)
    expect((await privacy.consent.decide(asked)).outcome).toBe(outcome)
    const places = [...(backing.records.get('standings')?.rows.keys() ?? [])]
    expect(places.filter((place) => place.includes('/contact/')).length).toBe(outcome === 'deny' ? 1 : 0)
  })

  it('a denial that a consent lifted only for a while', async () => {
    const { privacy, erase } = await saved()
    await privacy.consent.deny(of)
    await privacy.consent.give({ ...of, expiresAt: later })
    await erase(of.subject)
    expect((await privacy.consent.decide(asked)).because[0].rule).toBe('consent.suppressed')
  })

  it('nothing of a denial that had ended', async () => {
    const { privacy, erase, environment, backing } = await saved()
    await privacy.consent.deny({ ...of, expiresAt: later })
    environment.set(later)
    await erase(of.subject)
    const places = [...(backing.records.get('standings')?.rows.keys() ?? [])]
    expect(places.filter((place) => place.includes('/contact/'))).toEqual([])
  })

  it('a denial until it ends, joined with that of another person who used the address', async () => {
    const { privacy, erase, environment, save } = await saved()
    await save('second', contact)
    await save('third', contact)
    await privacy.consent.deny({ ...of, expiresAt: later })
    await erase(of.subject)
    expect((await privacy.consent.decide(asked)).outcome).toBe('deny')
    environment.set(later)
    expect((await privacy.consent.decide(asked)).outcome).toBe('permit')
    await privacy.consent.deny({ ...of, subject: 'second' })
    await erase('second')
    await privacy.consent.deny({ ...of, subject: 'third', expiresAt: '2027-07-01T00:00:00.000Z' })
    await erase('third')
    environment.set('2028-01-01T00:00:00.000Z')
    expect((await privacy.consent.decide(asked)).because[0].rule).toBe('consent.suppressed')
  })

  it('one record of an address that was given in two spellings', async () => {
    const { privacy, erase, backing } = await saved()
    const shop = privacy.tenant('shop')
    const fields = { contactPerson: 'x', email: contact }
    await shop.register.save({ ...customer, group: 'customers-customer', fields })
    const shouted = { contactPerson: 'x', email: contact.toUpperCase() }
    await shop.register.save({ ...customer, group: 'prospect', origin: 'public-source', fields: shouted })
    await shop.consent.deny(of)
    await erase(of.subject, shop)
    expect((await shop.consent.decide(asked)).because[0].rule).toBe('consent.suppressed')
    const places = [...(backing.records.get('standings')?.rows.keys() ?? [])]
    expect(places.filter((place) => place.startsWith('shop/contact/')).length).toBe(1)
    expect((await privacy.consent.decide(asked)).outcome).toBe('permit')
  })

  it('nothing in clear: neither the address nor the person', async () => {
    const { privacy, erase, backing } = await saved()
    await privacy.consent.deny(of)
    await erase(of.subject)
    const rows = [...(backing.records.get('standings')?.rows ?? [])]
    expect(rows.length).toBe(2)
    for (const [place, { json }] of rows) {
      for (const text of [contact, of.subject]) expect(`${place} ${json}`).not.toContain(text)
    }
  })
})
