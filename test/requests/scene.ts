/** A controller with one customer about whom everything the library keeps is known. */

import { createPrivacy, localKeys, type Store } from '@pilvi/privacy'
import { memoryStore } from '@pilvi/privacy/memory'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import { fixedEnvironment } from '@pilvi/privacy/testing'
import { codeAt, stepAt } from '../../src/mfa/codes.ts'

export const secret = new Uint8Array(32).fill(7)

/** Values that stand nowhere else, so that finding one means that something was left. */
export const canary = {
  contactPerson: 'Kanarialintu Testaaja',
  email: 'kanaria@example.com',
  phone: '+358 40 7654321',
  companyName: 'Kanaria Esimerkki Oy',
  vatId: 'FI20774740',
  street: 'Kanariakuja 17',
  iban: 'FI21 1234 5600 0007 85',
  domainName: 'kanaria-esimerkki.fi',
  session: 'session-kanaria-1',
  ip: '192.0.2.77',
} as const

/** The Pilvi policy where an operator's check does for people who have a second factor as well. */
export const attested = {
  ...pilviPolicy,
  mfa: { ...pilviPolicy.mfa, stepUp: [] },
} as unknown as typeof pilviPolicy

export function scene({
  store = memoryStore(),
  seed = 1,
  policy = attested,
}: {
  store?: Store
  seed?: number
  policy?: typeof pilviPolicy
} = {}) {
  const environment = fixedEnvironment({ at: '2026-11-23T10:00:00.000Z', seed })
  const keys = localKeys([{ id: 'k1', secret }], environment)
  const privacy = createPrivacy({ policy, store, keys, tenant: 'pilvi', environment })

  /** Saves one customer with data in every source. */
  async function populate(subject = 'customer-1'): Promise<void> {
    await privacy.register.save({
      group: 'customer',
      subject,
      origin: 'customer',
      fields: {
        contactPerson: canary.contactPerson,
        email: 'old@example.com',
        phone: canary.phone,
        companyName: canary.companyName,
        vatId: canary.vatId,
        paymentDetails: { method: 'invoice', iban: canary.iban },
        paymentAddress: { street: canary.street, postalCode: '02600', city: 'Espoo', country: 'FI' },
      },
      services: {
        'domain-registration': { domainName: canary.domainName, registrantName: canary.companyName },
      },
    })
    const email = { email: canary.email }
    await privacy.register.correct({
      group: 'customer',
      subject,
      fields: email,
      why: 'outdated',
      initiative: 'subject',
    })
    await privacy.consent.deny({ subject, purpose: 'telemarketing', by: 'phone', operator: 'agent-7' })
    await privacy.consent.give({ subject, purpose: 'direct-marketing', by: 'link' })
    await privacy.disclosure.decide({
      recipient: 'hosting-provider',
      subject,
      fields: ['customer.email'],
      ground: 'subcontractor',
      purpose: 'delivery',
    })
    const { session, ip } = canary
    await privacy.usage.recordMany([
      { session, ip, host: 'host-77.example.net', source: 'https://example.org/page' },
      { session: 'session-of-another', ip: '192.0.2.78' },
    ])
    const { secret: totp } = await privacy.mfa.enrol(subject, { label: subject })
    await privacy.mfa.confirm(
      subject,
      codeAt({ secret: totp, algorithm: 'sha1', digits: 6 }, stepAt(environment.now())),
    )
  }

  /** Opens and confirms a request. */
  async function confirmed(kind: 'export' | 'erasure', subject = 'customer-1'): Promise<string> {
    const { id } = await privacy.requests.open({
      subject,
      kind,
      receivedBy: 'email',
      sessions: [canary.session],
    })
    await privacy.requests.confirm(id, { by: 'operator', operator: 'agent-7', check: 'call-back' })
    return id
  }

  /** Everything the policy's own process does of an erasure. */
  async function erased(subject = 'customer-1') {
    const id = await confirmed('erasure', subject)
    const plan = await privacy.requests.plan(id)
    return { id, plan, report: await privacy.requests.fulfil(id, { plan: plan.digest }) }
  }

  return { store, environment, privacy, populate, confirmed, erased }
}
