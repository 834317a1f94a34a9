/** Parsers of what a host asks or tells of disclosures: strict, so that a misspelt member is refused and not passed over. */

import * as z from 'zod'
import { reach } from '../consent/parser.ts'
import type { CalendarDate } from '../environment.ts'
import { dateParser, idParser } from '../parsing.ts'
import type { Derogation } from '../policy/model.ts'
import type { DisclosureJob, DisclosureQuestion, LegalGround, LinkInput, UnlinkInput } from './model.ts'

const words = z
  .string()
  .max(500)
  .refine((text) => text.trim() !== '' && text.isWellFormed() && !/\p{Cc}/u.test(text))

const law: z.ZodType<LegalGround> = z.strictObject({
  provision: words,
  reference: z.exactOptional(words),
  secrecy: z.exactOptional(z.strictObject({ until: dateParser })),
})

const derogation: z.ZodType<Derogation> = z.strictObject({
  ground: z.enum([
    'explicit-consent',
    'contract-with-subject',
    'contract-in-interest',
    'public-interest',
    'legal-claims',
    'vital-interests',
    'public-register',
  ]),
  reason: words,
})

const fields = z.tuple([idParser], idParser)

const question = {
  ...reach,
  recipient: idParser,
  subject: idParser,
  fields,
  ground: z.enum(['law', 'consent', 'agreement', 'partner', 'subcontractor']),
  purpose: idParser,
  law: z.exactOptional(law),
  agreement: z.exactOptional(z.strictObject({ reference: words })),
  derogation: z.exactOptional(derogation),
  necessity: z.exactOptional(z.enum(['legal-claims', 'rights-of-others', 'public-interest'])),
}

/** An agreement and a provision go with their grounds, so that none is on record that nothing rests on. */
const goesWith =
  (ground: 'agreement' | 'law') =>
  (asked: Pick<DisclosureQuestion, 'ground' | 'agreement' | 'law'>): boolean =>
    asked[ground] === undefined || asked.ground === ground

/** Parses a question. */
export const disclosureParser: z.ZodType<DisclosureQuestion> = z
  .strictObject(question)
  .refine(goesWith('agreement'), { path: ['agreement'] })
  .refine(goesWith('law'), { path: ['law'] })

/** Parses a question that is only looked at, and may be about another day. */
export const evaluationParser: z.ZodType<DisclosureQuestion & { readonly on?: CalendarDate }> = z
  .strictObject({ ...question, on: z.exactOptional(dateParser) })
  .refine(goesWith('agreement'), { path: ['agreement'] })
  .refine(goesWith('law'), { path: ['law'] })

/** Parses a job. */
export const jobParser: z.ZodType<DisclosureJob> = z.strictObject({
  purpose: idParser,
  fields,
  recipients: z.tuple([idParser], idParser),
  on: z.exactOptional(dateParser),
})

/** Parses a link. */
export const linkParser: z.ZodType<LinkInput> = z.strictObject({
  subject: idParser,
  recipient: idParser,
  from: z.exactOptional(dateParser),
  until: z.exactOptional(dateParser),
  operator: z.exactOptional(idParser),
})

/** Parses the end of a link. */
export const unlinkParser: z.ZodType<UnlinkInput> = z.strictObject({
  subject: idParser,
  recipient: idParser,
  until: z.exactOptional(dateParser),
  operator: z.exactOptional(idParser),
})

/** Parses what is reviewed. */
export const reviewParser = z.strictObject({
  from: z.exactOptional(dateParser),
  on: z.exactOptional(dateParser),
})

/** Parses whom an account is for. */
export const accountParser = z.strictObject({
  audience: z.exactOptional(z.enum(['subject', 'operator'])),
})

/** Parses what of a decision can be applied: that it was permitted, is on record, and for which fields. */
export const appliedParser = z.object({
  outcome: z.literal('permit'),
  record: idParser,
  fields: z.array(z.string()),
})
