/** A list is not passed by another spelling of the same contact. */

import { InvalidInput, type Policy } from '@pilvi/privacy'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import { describe, expect, it } from 'vitest'
import { reachedBy } from '../../src/consent/contact.ts'
import { collect, customer, scene } from './scene.ts'

const robinson = { label: { en: 'List' }, lasts: { years: 3 }, clause: 'Right for denial' } as const
const policy: Policy = { ...pilviPolicy, denialLists: { robinson } }
const ask = { subject: 'a', purpose: 'telemarketing', channel: 'phone' } as const

/** After an import of one contact. */
async function listed(contact: string, callingCode?: string) {
  const held = scene(policy)
  const report = await held.privacy.consent.importBanList({
    csv: (async function* () {
      yield `${contact}\n`
    })(),
    ...{ list: 'robinson', purposes: ['telemarketing'], operator: 'agent-7' },
    columns: [{ column: 1, holds: contact.includes('@') ? 'email' : 'phone' }],
    asOf: '2026-11-20T00:00:00.000Z',
    ...(callingCode !== undefined && { callingCode }),
  })
  return { ...held, report }
}

describe('a contact in another spelling', () => {
  it.each([
    ['dashes that are none of ASCII', '+358 40 123 4567', '+358 40\u2011123\u20134567'],
    ['spaces that are none of ASCII', '+358 40 123 4567', '+358\u00a040\u202f123\u30004567'],
    ['marks that cannot be seen', '+358 40 123 4567', '\u202a+358401234567\u202c'],
    ['a minus sign', '+358 40 123 4567', '+358 40 123\u22124567'],
    ['a URI', '+358 40 123 4567', 'tel:+358-40-123-4567'],
    ['00', '+358 40 123 4567', '00358401234567'],
    ['national form, in the country of the policy', '+358 40 123 4567', '040 123 4567'],
    ['a trunk prefix within', '+358 40 123 4567', '+358 (0)40 123 4567'],
    ['a trunk prefix within, without brackets', '+358 40 123 4567', '+358 040 123 4567'],
    ['full-width digits', '+358 40 123 4567', '＋３５８ ４０ １２３ ４５６７'],
    ['another case', 'someone@example.com', 'SomeOne@Example.COM'],
    ['a URI of mail', 'someone@example.com', 'mailto:someone@example.com'],
  ])('does not pass a list: %s', async (_, there, contact) => {
    const { privacy, report } = await listed(there)
    expect(report.suppressed).toBe(1)
    expect((await privacy.consent.decide({ ...ask, contact })).because[0].rule).toBe('consent.suppressed')
  })

  it.each([
    ['+39', '06 1234 5678', '+39 06 1234 5678'],
    ['+358', '040 123 4567', '+358 40 123 4567'],
    ['+46', '08-123 456 78', '+46 8 123 456 78'],
    ['+47', '22 12 34 56', '+47 22 12 34 56'],
    ['+45', '32 12 34 56', '+45 32 12 34 56'],
    ['+372', '612 3456', '+372 612 3456'],
    ['+49', '030 123456', '+49 (0)30 123456'],
    ['+44', '020 7946 0123', '+44 20 7946 0123'],
    ['+33', '01 23 45 67 89', '+33 1 23 45 67 89'],
  ])('a national number of %s keeps what its country keeps', async (code, national, international) => {
    const { privacy } = await listed(national, code)
    const may = await privacy.consent.decide({ ...ask, contact: international })
    expect(may.because[0].rule).toBe('consent.suppressed')
  })

  it('national numbers of a country whose prefix is not known are refused', async () => {
    await expect(listed('0123 4567', '+7')).rejects.toMatchObject({
      code: 'input.invalid',
      path: 'list.callingCode',
    })
    expect(reachedBy('+7 (0) 812 123', undefined)).toBeNull()
    expect(reachedBy('0123 4567', undefined)).toBeNull()
    const { privacy } = scene<Policy>({ ...pilviPolicy, jurisdiction: 'US' })
    await expect(privacy.consent.decide({ ...ask, contact: '0401234567' })).rejects.toMatchObject({
      path: 'contact',
    })
    expect((await privacy.consent.decide({ ...ask, contact: '+358401234567' })).outcome).toBe('permit')
  })

  it.each([
    'n/a',
    'agent-7',
    'Street 1, 02600 Espoo',
    '+358 40 CALL ME',
    '٠٤٠١٢٣٤٥٦٧',
    'a@b@c',
    '@example.com',
    'tel:',
    '+0401234567',
    '+12',
  ])('what is no contact is refused: %s', async (contact) => {
    const { consent } = scene(policy).privacy
    await expect(consent.decide({ ...ask, contact })).rejects.toMatchObject({
      name: InvalidInput.name,
      code: 'input.invalid',
    })
    await expect(
      collect(consent.filter([{ subject: 'a', contact }], { purpose: 'telemarketing', channel: 'phone' })),
    ).rejects.toMatchObject({ code: 'input.invalid', path: 'contact' })
  })

  it('what an erased person had in national form is suppressed in any', async () => {
    const held = scene<Policy>({
      ...pilviPolicy,
      groups: {
        ...pilviPolicy.groups,
        customer: {
          ...pilviPolicy.groups.customer,
          fields: {
            ...pilviPolicy.groups.customer.fields,
            phone: { label: { en: 'Telephone' }, kind: 'phone', category: 'contact' },
          },
        },
      },
    })
    const { privacy, erase } = held
    await privacy.register.save({
      ...customer,
      fields: { ...customer.fields, phone: '040 123 4567' },
    } as never)
    await privacy.consent.deny({ subject: customer.subject, purpose: 'telemarketing', by: 'link' })
    await erase(customer.subject)
    expect((await privacy.consent.decide({ ...ask, contact: '+358401234567' })).outcome).toBe('deny')
  })
})
