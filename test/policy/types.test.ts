/** Checked by the compiler: each `@ts-expect-error` fails the type check when the line below it compiles. */

import { describe, expect, expectTypeOf, it } from 'vitest'
import type * as z from 'zod'
import { definePolicy } from '../../src/policy/define.ts'
import type {
  DenialPurposeOf,
  GroupOf,
  OriginOf,
  Policy,
  PurposeOf,
  RecipientOf,
  ServiceOf,
  Text,
} from '../../src/policy/model.ts'
import type { policyShape } from '../../src/policy/parser.ts'
import type { pilviPolicy } from '../../src/policy/pilvi.ts'
import type { Shape } from '../../src/policy/scalars.ts'
import { sound } from './sound.ts'

type Pilvi = typeof pilviPolicy

describe('the names of a policy are types', () => {
  it('of purposes, and of those that can be denied', () => {
    expectTypeOf<'telemarketing'>().toExtend<PurposeOf<Pilvi>>()
    expectTypeOf<PurposeOf<Pilvi>>().not.toEqualTypeOf<string>()
    expectTypeOf<DenialPurposeOf<Pilvi>>().toEqualTypeOf<
      'direct-marketing' | 'telemarketing' | 'market-research' | 'personal-research'
    >()
    // @ts-expect-error a misspelt purpose does not compile
    const misspelt: PurposeOf<Pilvi> = 'telemarketting'
    // @ts-expect-error delivery cannot be denied
    const undeniable: DenialPurposeOf<Pilvi> = 'delivery'
    expect([misspelt, undeniable]).toHaveLength(2)
  })

  it('of groups and recipients', () => {
    expectTypeOf<GroupOf<Pilvi>>().toEqualTypeOf<'customer' | 'customers-customer' | 'prospect'>()
    expectTypeOf<RecipientOf<Pilvi>>().toEqualTypeOf<
      'hosting-provider' | 'tax-administration' | 'product-partner' | 'support-desk'
    >()
    // @ts-expect-error a misspelt group does not compile
    const group: GroupOf<Pilvi> = 'custommer'
    // @ts-expect-error a misspelt recipient does not compile
    const recipient: RecipientOf<Pilvi> = 'tax-administraton'
    expect([group, recipient]).toHaveLength(2)
  })

  it('of services and origins', () => {
    expectTypeOf<ServiceOf<Pilvi>>().toEqualTypeOf<'domain-registration'>()
    expectTypeOf<OriginOf<Pilvi>>().toEqualTypeOf<'customer' | 'use' | 'public-source'>()
    // @ts-expect-error a misspelt service does not compile
    const service: ServiceOf<Pilvi> = 'domain-registraton'
    expect(service).toBe('domain-registraton')
  })

  it('of a policy that is written in place, without `as const`', () => {
    const policy = definePolicy({
      ...sound,
      purposes: {
        delivery: {
          label: { en: 'Delivery', fi: 'Toimitus' },
          legalBasis: 'contract',
          categories: ['contact', 'log'],
          vocabulary: [],
          clause: 'Purposes',
        },
      },
      recipients: {},
    })
    expectTypeOf<PurposeOf<typeof policy>>().toEqualTypeOf<'delivery'>()
    expectTypeOf<DenialPurposeOf<typeof policy>>().toEqualTypeOf<never>()
    expectTypeOf(policy.purposes.delivery.legalBasis).toEqualTypeOf<'contract'>()
  })

  it('and are plain strings where the policy is not known to the compiler', () => {
    expectTypeOf<PurposeOf<Policy>>().toEqualTypeOf<string>()
    expectTypeOf<DenialPurposeOf<Policy>>().toEqualTypeOf<string>()
  })
})

describe('what is no policy does not compile', () => {
  it('in a definition', () => {
    // @ts-expect-error a policy needs more than an id
    expect(() => definePolicy({ id: 'small' })).toThrow()
    // @ts-expect-error a legal basis of the GDPR, or none
    const purpose: Policy['purposes'][string] = { ...sound.purposes['delivery'], legalBasis: 'habit' }
    expect(purpose).toBeDefined()
  })
})

describe('the parser and the interface cannot drift apart', () => {
  it('what it gives is a Policy', () => {
    expectTypeOf<z.output<typeof policyShape>>().toEqualTypeOf<Policy>()
  })

  it('a member that the parser lacks, has too many, or makes optional does not fit', () => {
    interface Both {
      readonly needed: string
      readonly optional?: Text
    }
    type Needed = z.ZodType<string>
    type Optional = z.ZodExactOptional<z.ZodType<Text>>
    expectTypeOf<{ needed: Needed; optional: Optional }>().toExtend<Shape<Both>>()
    expectTypeOf<{ needed: Needed }>().not.toExtend<Shape<Both>>()
    // Optional where the interface needs it: not refused by the shape, but by what the object gives.
    type Loose = z.ZodObject<{ needed: z.ZodExactOptional<Needed>; optional: Optional }>
    expectTypeOf<z.output<Loose>>().not.toExtend<Both>()
    expectTypeOf<{ needed: Needed; optional: z.ZodType<Text> }>().not.toExtend<Shape<Both>>()
    expectTypeOf<{ needed: z.ZodType<number>; optional: Optional }>().not.toExtend<Shape<Both>>()
    expectTypeOf<keyof Shape<Both>>().toEqualTypeOf<'needed' | 'optional'>()
  })
})
