/** Questions drawn at random: what a recipient may ask for, with a part of it perhaps replaced or left out. */

import type { EventKind } from '@pilvi/privacy'
import fc from 'fast-check'
import type { Question } from './cases.ts'
import { law, policy } from './policy.ts'

const fields = fc.constantFrom(
  'customer.email',
  'customer.contactPerson',
  'customer.vatId',
  'customer.paymentDetails',
  'domain-registration.domainName',
  'customer.shoeSize',
  'constructor',
)

const evidence = {
  law: fc.constantFrom(law, { ...law, secrecy: { until: '2027-01-01' as const } }),
  derogation: fc.constantFrom(
    { ground: 'legal-claims' as const, reason: 'a suit' },
    { ground: 'explicit-consent' as const, reason: 'asked for' },
  ),
  necessity: fc.constantFrom('legal-claims' as const, 'public-interest' as const),
}

/** Whether what the ground needs is named, or what it does not need. */
const fitness = fc.constantFrom('fitting', 'fitting', 'fitting', 'fitting', 'unfitting')

/** Questions that the parser takes; whether they are permitted is another matter. */
export const questions: fc.Arbitrary<Question> = fc
  .constantFrom(...Object.entries(policy.recipients))
  .chain(([name, { fields: own, grounds, purposes }]) => {
    const fitting = {
      recipient: fc.constant(name),
      fields: fc.subarray([...own], { minLength: 1 }),
      ground: fc.constantFrom<string>(...grounds),
      purpose: fc.constantFrom(...purposes),
    }
    return fc.oneof(
      fc.record(fitting),
      fc.record({
        ...fitting,
        recipient: fc.constantFrom('nobody', '__proto__', 'support-desk', 'hosting-provider'),
      }),
      fc.record({ ...fitting, fields: fc.array(fields, { minLength: 1, maxLength: 4 }) }),
      fc.record({
        ...fitting,
        ground: fc.constantFrom('law', 'consent', 'agreement', 'partner', 'subcontractor'),
      }),
      fc.record({ ...fitting, purpose: fc.constantFrom('delivery', 'accounting', 'direct-marketing') }),
    )
  })
  .chain((question) =>
    fc.record({ more: fc.record(evidence, { requiredKeys: [] }), as: fitness }).map(({ more, as }) => {
      const { law: duty = law, ...others } = more
      const fits = as === 'fitting'
      return {
        ...question,
        ...others,
        ...(fits && { channel: 'post' }),
        // What another ground rests on is refused as input.
        ...(question.ground === 'law' && fits && { law: duty }),
        ...(question.ground === 'agreement' && fits && { agreement: { reference: 'DPA-7' } }),
      } as never
    }),
  )

/** What the person said before. */
export const statements = fc.array(
  fc.oneof(
    fc.tuple(
      fc.constantFrom<EventKind>('denied', 'given', 'refused', 'withdrawn'),
      fc.constantFrom('direct-marketing', 'telemarketing'),
    ),
    fc.tuple(fc.constant<EventKind>('given'), fc.constant('quality-control')),
  ),
  { maxLength: 3 },
)

/** Whether the person connected the partner's product. */
export const linked = fc.constantFrom('linked', 'not linked')
