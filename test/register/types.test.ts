/** Checked by the compiler: each `@ts-expect-error` fails the type check when the line below it compiles. */

import type {
  CompanyNumber,
  Correction,
  Field,
  HistoryEntry,
  PaymentDetails,
  Policy,
  RegisterInput,
  RegisterRecord,
} from '@pilvi/privacy'
import type { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import { describe, expect, expectTypeOf, it } from 'vitest'
import type { CalendarDate } from '../../src/environment.ts'
import type { GroupOf, PostalAddress } from '../../src/policy/model.ts'
import type { FieldValue, ServiceFieldName } from '../../src/register/model.ts'
import { collect, customer, pilvi } from '../consent/scene.ts'

type Pilvi = typeof pilviPolicy
type Input<G extends GroupOf<Pilvi>> = RegisterInput<Pilvi, G>
type Fix = Correction<Pilvi, 'customer'>['fields']
type Typed<Kind extends Field['kind']> = FieldValue<{ label: { en: 'x' }; kind: Kind; category: 'x' }>

const contact = { contactPerson: 'x', email: 'x@example.com' } as const

describe('what a field holds', () => {
  it('follows from its kind', () => {
    expectTypeOf<Typed<'text' | 'email' | 'phone' | 'vat-id'>>().toEqualTypeOf<string>()
    expectTypeOf<Typed<'payment'>>().toEqualTypeOf<PaymentDetails>()
    expectTypeOf<Typed<'address'>>().toEqualTypeOf<PostalAddress>()
    expectTypeOf<Typed<'company-number'>>().toEqualTypeOf<CompanyNumber>()
    expectTypeOf<Typed<'date'>>().toEqualTypeOf<CalendarDate>()
    expectTypeOf<Typed<'number'>>().toEqualTypeOf<number>()
    expectTypeOf<Typed<'choice'>>().toEqualTypeOf<string>()
    expectTypeOf<
      FieldValue<{ label: { en: 'x' }; kind: 'choice'; choices: readonly ['a', 'b']; category: 'x' }>
    >().toEqualTypeOf<'a' | 'b'>()
  })

  it('is anything a field can hold where the policy is not known to the compiler', () => {
    expectTypeOf<FieldValue<Field>>().toEqualTypeOf<
      string | number | PaymentDetails | PostalAddress | CompanyNumber
    >()
    expectTypeOf<RegisterRecord<Policy>['fields'][string]>().toEqualTypeOf<FieldValue<Field> | undefined>()
  })
})

describe('what is saved', () => {
  it('compiles as the policy has it', () => {
    expectTypeOf<{ contactPerson: string; email: string }>().toExtend<Input<'customer'>['fields']>()
    expectTypeOf<{ contactPerson: string }>().toExtend<Input<'prospect'>['fields']>()
    expectTypeOf<Input<'customer'>['origin']>().toEqualTypeOf<'customer' | 'use' | 'public-source'>()
    expectTypeOf<NonNullable<Input<'customer'>['fields']['paymentDetails']>>().toEqualTypeOf<PaymentDetails>()
  })

  it('does not compile otherwise', () => {
    const { save, find, list, history } = pilvi().privacy.register
    const of = { subject: 's', origin: 'customer' } as const
    const c = { ...of, group: 'customer' } as const
    const p = { ...of, group: 'prospect' } as const
    const x = contact
    const calls = [
      // @ts-expect-error a misspelt group
      () => save({ ...of, group: 'custommer', fields: x }),
      // @ts-expect-error a misspelt origin
      () => save({ ...c, fields: x, origin: 'costumer' }),
      // @ts-expect-error a misspelt field
      () => save({ ...c, fields: { ...x, compnayName: 'x' } }),
      // @ts-expect-error a required field is missing
      () => save({ ...c, fields: { contactPerson: 'x' } }),
      // @ts-expect-error a field of another group
      () => save({ ...p, fields: { ...x, paymentDetails: { method: 'card' } } }),
      // @ts-expect-error a value of another kind
      () => save({ ...c, fields: { ...x, vatId: 20774740 } }),
      // @ts-expect-error a way of paying that there is not
      () => save({ ...c, fields: { ...x, paymentDetails: { method: 'cash' } } }),
      // @ts-expect-error a card number
      () => save({ ...c, fields: { ...x, paymentDetails: { method: 'card', cardNumber: '1' } } }),
      // @ts-expect-error a service that there is not
      () => save({ ...c, fields: x, services: { hosting: {} } }),
      // @ts-expect-error a service without its required fields
      () => save({ ...c, fields: x, services: { 'domain-registration': {} } }),
      // @ts-expect-error no subject
      () => save({ group: 'customer', origin: 'customer', fields: x }),
      // @ts-expect-error a misspelt group
      () => find({ group: 'prospects', subject: 's' }),
      // @ts-expect-error a misspelt group
      () => list({ group: 'prospects' }),
      // @ts-expect-error a misspelt group
      () => history({ group: 'prospects', subject: 's' }),
    ]
    expect(calls).toHaveLength(14)
  })
})

describe('what is corrected', () => {
  it('compiles as the policy has it: null takes away what is not required', () => {
    expectTypeOf<Fix['phone']>().toEqualTypeOf<string | null | undefined>()
    expectTypeOf<Fix['email']>().toEqualTypeOf<string | undefined>()
    expectTypeOf<Fix['paymentDetails']>().toEqualTypeOf<PaymentDetails | null | undefined>()
    expectTypeOf<ServiceFieldName<Pilvi>>().toEqualTypeOf<
      | 'domain-registration.domainName'
      | 'domain-registration.registrantName'
      | 'domain-registration.registrantType'
    >()
    expectTypeOf<Fix['domain-registration.registrantType']>().toEqualTypeOf<
      'company' | 'person' | 'association' | null | undefined
    >()
    expectTypeOf<HistoryEntry['why']>().toEqualTypeOf<
      'wrong' | 'outdated' | 'incomplete' | 'unnecessary' | 'replaced'
    >()
  })

  it('does not compile otherwise', () => {
    // @ts-expect-error a required field cannot be taken away
    const required: Fix = { email: null }
    // @ts-expect-error a misspelt field
    const misspelt: Fix = { phnoe: null }
    // @ts-expect-error a misspelt field of a service
    const service: Fix = { 'domain-registration.domain': 'x' }
    // @ts-expect-error a choice that there is not
    const choice: Fix = { 'domain-registration.registrantType': 'cat' }
    // @ts-expect-error a reason that is none
    const why: Correction<Pilvi, 'customer'>['why'] = 'because'
    expect([required, misspelt, service, choice, why]).toHaveLength(5)
  })
})

it('a record is found with the types with which it was saved', async () => {
  const { register } = pilvi().privacy
  const saved = await register.save(customer)
  expectTypeOf(saved.fields.email).toEqualTypeOf<string>()
  expectTypeOf(saved.fields.vatId).toEqualTypeOf<string | undefined>()
  expectTypeOf(saved.provenance.origin).toEqualTypeOf<'customer' | 'use' | 'public-source'>()
  const found = await register.find({ group: 'customer', subject: customer.subject })
  expectTypeOf(found).toEqualTypeOf<RegisterRecord<Pilvi, 'customer'> | null>()
  const [listed] = await collect(register.list({ group: 'customer' }))
  expectTypeOf(listed?.services['domain-registration']?.domainName).toEqualTypeOf<string | undefined>()
  expect([found, listed]).toEqual([saved, saved])
})
