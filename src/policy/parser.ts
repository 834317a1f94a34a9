/**
 * The shape of a policy, as a parser: strict, so a member that the model does not know is refused. Single values are
 * in `scalars.ts`; what one part says about another is checked in `checks.ts`. `Shape` ties each parser to its
 * interface.
 */

import * as z from 'zod'
import type {
  Backups,
  Category,
  Controller,
  DenialList,
  Exemption,
  Field,
  Group,
  Origin,
  Policy,
  PostalAddress,
  Publications,
  PublicationTable,
  Purpose,
  Recipient,
  Retention,
  Service,
  SupervisoryAuthority,
  TransferGround,
  Undertaking,
} from './model.ts'
import {
  count,
  country,
  date,
  email,
  fieldKind,
  iri,
  maybe,
  name,
  named,
  type Shape,
  set,
  setOf,
  several,
  text,
  url,
  words,
} from './scalars.ts'

const clause = words
const undertaking = { says: text, clause } satisfies Shape<Undertaking>

const address = z.strictObject({
  street: words,
  postalCode: words,
  city: words,
  country,
} satisfies Shape<PostalAddress>)

const controller = z.strictObject({
  name: words,
  address,
  email,
  phone: maybe(z.string().regex(/^\+?[0-9][0-9 ()-]{3,30}$/, 'must be a telephone number')),
  officer: maybe(text),
  dataProtectionOfficer: maybe(words),
  register: text,
  financialYearEnd: words,
  clause,
} satisfies Shape<Controller>)

const supervisoryAuthority = z.strictObject({ name: text, url, clause } satisfies Shape<SupervisoryAuthority>)

const category = z.strictObject({
  label: text,
  kind: z.enum(['personal', 'identity', 'special', 'other']),
  holds: maybe(text),
  subjects: maybe(text),
  clause,
} satisfies Shape<Category>)

const field = z.strictObject({
  label: text,
  kind: fieldKind,
  category: name,
  required: maybe(z.literal(true)),
  identity: maybe(z.literal(true)),
  lookup: maybe(z.literal(true)),
  choices: maybe(set(words)),
} satisfies Shape<Field>)

const group = z.strictObject({
  label: text,
  tier: z.enum(['controller', 'customer']),
  fields: named(field),
  anyOf: maybe(z.array(set(name).min(1, 'must name a field'))),
  clause,
} satisfies Shape<Group>)

const service = z.strictObject({ label: text, fields: named(field), clause } satisfies Shape<Service>)

const origin = z.strictObject({
  label: text,
  kind: z.enum(['subject', 'use', 'public']),
  clause,
} satisfies Shape<Origin>)

const channelRule = maybe(z.enum(['unless-denied', 'consent', 'never']))

const purpose = z.strictObject({
  label: text,
  legalBasis: maybe(
    z.enum([
      'consent',
      'contract',
      'legal-obligation',
      'vital-interests',
      'public-task',
      'legitimate-interests',
    ]),
  ),
  interest: maybe(text),
  consentBy: maybe(z.enum(['opt-in', 'use'])),
  categories: set(name),
  marketing: maybe(z.literal(true)),
  denial: maybe(z.strictObject({ absolute: z.boolean(), law: words, signal: maybe(z.literal('gpc')) })),
  broader: maybe(name),
  channels: maybe(
    z.strictObject({
      post: channelRule,
      phone: channelRule,
      'automated-call': channelRule,
      email: channelRule,
      sms: channelRule,
      'in-person': channelRule,
    } satisfies Shape<NonNullable<Purpose['channels']>>),
  ),
  existingCustomers: maybe(z.strictObject({ channels: setOf('email', 'sms'), law: words })),
  vocabulary: z.array(z.strictObject({ iri, relation: z.enum(['exact', 'broader', 'related', 'own']) })),
  clause,
} satisfies Shape<Purpose>)

const lasting = z.strictObject({
  days: maybe(several),
  months: maybe(several),
  years: maybe(several),
} satisfies Shape<Backups['keys']>)

const denialList = z.strictObject({
  label: text,
  lasts: maybe(lasting),
  clause,
} satisfies Shape<DenialList>)

const transferGround = {
  mechanism: z.enum([
    'adequacy',
    'standard-contractual-clauses',
    'binding-corporate-rules',
    'derogation',
    'privacy-shield',
    'safe-harbour',
  ]),
  since: date,
  until: maybe(date),
  clauses: maybe(z.enum(['2001/497/EC', '2004/915/EC', '2010/87/EU', '(EU) 2021/914'])),
  assessment: maybe(words),
} satisfies Shape<TransferGround>

const certification = z.strictObject({
  scheme: z.enum(['safe-harbour', 'privacy-shield', 'data-privacy-framework']),
  since: date,
  until: maybe(date),
} satisfies Shape<NonNullable<Recipient['certification']>>)

const recipient = z.strictObject({
  name: text,
  role: z.enum(['processor', 'controller', 'authority']),
  country,
  organisation: maybe(z.enum(['commercial', 'non-profit', 'public'])),
  certification: maybe(certification),
  grounds: setOf('law', 'consent', 'agreement', 'partner', 'subcontractor'),
  purposes: set(name),
  fields: set(words),
  transfer: maybe(z.strictObject(transferGround)),
  clause,
} satisfies Shape<Recipient>)

const exemptionRule = z.discriminatedUnion('from', [
  z.strictObject({ from: z.literal('end-of-financial-year'), years: several }),
  z.strictObject({ from: z.literal('end-of-calendar-year-of-financial-year'), years: several }),
  z.strictObject({
    from: z.literal('event'),
    years: maybe(several),
    months: maybe(several),
    days: maybe(several),
  }),
])

const exemption = z.strictObject({
  kind: z.enum(['administrative', 'legal', 'security']),
  law: words,
  says: text,
  rule: exemptionRule,
} satisfies Shape<Exemption>)

const period = z.strictObject({
  after: z.enum(['recorded', 'day-closed']),
  hours: maybe(several),
  days: maybe(several),
  months: maybe(several),
  years: maybe(several),
} satisfies Shape<Exclude<Retention['keep'], string>>)

const retention = z.strictObject({
  keep: z.union([z.literal('while-needed'), period]),
  says: text,
  exemption: maybe(exemption),
  clause,
} satisfies Shape<Retention>)

const backups = z.strictObject({
  keys: lasting,
  clause,
} satisfies Shape<Backups>)

const table = z.strictObject({
  label: text,
  dimensions: setOf('hour', 'weekday', 'source'),
  measures: setOf('visits', 'sessions').min(1, 'must name a measure'),
  cellsPerSession: several,
} satisfies Shape<PublicationTable>)

const publications = z.strictObject({
  tables: named(table),
  protection: z.strictObject({ mode: z.literal('threshold'), k: count }),
  rawHours: count,
  keepMonths: several,
  clause,
} satisfies Shape<Publications>)

const right = maybe(z.strictObject(undertaking))

/** Reads a policy's shape; strict, and gives a copy. */
export const policyShape: z.ZodType<Policy> = z.strictObject({
  id: name,
  version: words,
  date,
  reviewBy: maybe(date),
  languages: setOf('en', 'fi').min(1, 'must name a language'),
  timeZone: words,
  jurisdiction: country,
  title: text,
  controller,
  supervisoryAuthority: maybe(supervisoryAuthority),
  categories: named(category),
  ownData: z.strictObject({
    visits: name,
    publications: name,
    consents: name,
    corrections: name,
    disclosures: name,
    factors: name,
    notices: name,
    requests: name,
    tombstones: name,
  } satisfies Shape<Policy['ownData']>),
  groups: named(group),
  services: named(service),
  origins: named(origin),
  purposes: named(purpose),
  recipients: named(recipient),
  transferGrounds: z.array(z.strictObject({ ...transferGround, clause })),
  backups: maybe(backups),
  retention: named(retention),
  publications,
  rights: z.strictObject({
    access: right,
    rectification: right,
    erasure: right,
    restriction: right,
    portability: right,
    objection: right,
    'withdraw-consent': right,
    complaint: right,
  } satisfies Shape<Policy['rights']>),
  denials: maybe(
    z.strictObject({ ...undertaking, by: setOf('letter', 'phone', 'email', 'in-person', 'link') }),
  ),
  denialLists: maybe(named(denialList)),
  obligation: maybe(z.strictObject(undertaking)),
  automatedDecisions: maybe(z.strictObject(undertaking)),
  security: named(z.strictObject(undertaking)),
  mfa: z.strictObject({
    offered: z.enum(['optional', 'required']),
    factors: setOf('totp', 'hotp', 'passkey', 'recovery-code', 'contact-code', 'trusted-device'),
    stepUp: maybe(setOf('erasure', 'export', 'factor-change')),
    reset: maybe(z.strictObject({ hours: several })),
    clause,
  } satisfies Shape<Policy['mfa']>),
  acceptance: maybe(
    z.strictObject({
      ...undertaking,
      by: z.enum(['use', 'signature']),
      meaning: z.enum(['acknowledgement', 'consent']),
    }),
  ),
  updates: maybe(z.strictObject(undertaking)),
  passages: z.array(z.strictObject({ heading: text, text, clause })),
} satisfies Shape<Policy>)
