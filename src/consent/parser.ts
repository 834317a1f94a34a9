/**
 * The shape of statements, questions and stored standings, as parsers: strict, so a member that the model does not know is
 * refused, and what is stored and cannot be read permits nothing.
 */

import * as z from 'zod'
import { isCalendarDate } from '../calendar.ts'
import { dateParser, idParser, instantParser } from '../parsing.ts'
import { isCount } from '../values/limits.ts'
import { isInstant } from '../values/text.ts'
import type { MergeInput, UnmergeInput } from './merge.ts'
import type {
  CampaignQuestion,
  Candidate,
  Evidence,
  Question,
  Revocation,
  Standing,
  Statement,
} from './model.ts'

const evidenceParser: z.ZodType<Evidence> = z
  .strictObject({
    digest: z.exactOptional(z.string().regex(/^[0-9a-f]{64}$/)),
    wording: z.exactOptional(idParser),
    language: z.exactOptional(z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/)),
    policy: z.exactOptional(idParser),
  })
  .refine(({ digest, wording }) => digest !== undefined || wording !== undefined)

const stated = {
  subject: idParser,
  purpose: idParser,
  by: z.enum(['letter', 'phone', 'email', 'in-person', 'link', 'gpc', 'list-import', 'proxy']),
  effectiveAt: z.exactOptional(instantParser),
  proxy: z.exactOptional(
    z.strictObject({ role: z.enum(['guardian', 'trustee', 'attorney']), evidence: evidenceParser }),
  ),
  evidence: z.exactOptional(evidenceParser),
}

/** Parses a statement. */
export const statementParser: z.ZodType<Statement> = z.strictObject({
  ...stated,
  operator: z.exactOptional(idParser),
  expiresAt: z.exactOptional(instantParser),
  list: z.exactOptional(idParser),
  age: z.exactOptional(z.int().min(0).max(150)),
  birthDate: z.exactOptional(dateParser),
})

/** Parses a revocation. */
export const revocationParser: z.ZodType<Revocation> = z.strictObject({
  ...stated,
  operator: idParser,
  revokedBy: z.enum(['controller', 'court', 'authority', 'guardian']),
})

const merging = { from: idParser, into: idParser, operator: idParser }

/** Parses a merge. */
export const mergeParser: z.ZodType<MergeInput> = z.strictObject({
  ...merging,
  because: z.exactOptional(z.enum(['asked', 'duplicate'])),
})

/** Parses the end of a merge. */
export const unmergeParser: z.ZodType<UnmergeInput> = z.strictObject({
  ...merging,
  because: z.exactOptional(z.enum(['asked', 'mistaken'])),
})

const asked = {
  purpose: idParser,
  channel: z.exactOptional(z.enum(['post', 'phone', 'automated-call', 'email', 'sms', 'in-person', 'none'])),
  necessity: z.exactOptional(z.enum(['storage', 'legal-claims', 'rights-of-others', 'public-interest'])),
  at: z.exactOptional(instantParser),
  asKnownAt: z.exactOptional(instantParser),
}
const person = {
  subject: idParser,
  contact: z.exactOptional(
    z
      .string()
      .min(3)
      .max(320)
      .refine((text) => text.isWellFormed()),
  ),
  relationship: z.exactOptional(
    z.strictObject({
      customerSince: dateParser,
      bought: idParser,
      offered: idParser,
      wayOut: z.literal('in-each-message'),
    }),
  ),
}

/** How the person would be reached: other questions say it in the same words. */
export const reach = {
  channel: asked.channel,
  contact: person.contact,
  relationship: person.relationship,
}

/** Parses a question. */
export const questionParser: z.ZodType<Question> = z.strictObject({ ...asked, ...person })

/** Parses somebody of a campaign. */
export const candidateParser: z.ZodType<Candidate> = z.strictObject(person)

/** Parses the people of a campaign as far as there are any; each is parsed when their turn comes. */
export const peopleParser = z.custom<object>(
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    (Symbol.asyncIterator in value || Symbol.iterator in value),
)

/** Parses what a campaign asks. */
export const campaignParser: z.ZodType<CampaignQuestion> = z.strictObject(asked)

/** Members that an object may have, each with what it must be. */
type Members = Readonly<Record<string, (value: unknown) => boolean>>

/** Whether something is an object with all of these members, some of those, and no others. */
function has(value: unknown, { all, some }: { readonly all: Members; readonly some: Members }): boolean {
  if (!isObject(value)) return false
  for (const name in all) if (!all[name]?.(value[name])) return false
  for (const name in value) {
    const allowed = Object.hasOwn(all, name) || (Object.hasOwn(some, name) && some[name]?.(value[name]))
    if (!allowed) return false
  }
  return true
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isText = (value: unknown): boolean => typeof value === 'string'
const isEach = (is: (value: unknown) => boolean) => (value: unknown) =>
  isObject(value) && Object.values(value).every(is)
const isNumber = (value: unknown): boolean => isCount(value, 0)
const isOneOf =
  (...texts: readonly string[]) =>
  (value: unknown): boolean =>
    texts.includes(value as string)

const mark = {
  all: { event: isText, sequence: isNumber, at: isInstant },
  some: { expiresAt: isInstant },
} satisfies { all: Members; some: Members }
const isMark = (value: unknown): boolean => has(value, mark)
const answer = { ...mark, all: { ...mark.all, kind: isOneOf('refused', 'withdrawn', 'revoked') } }
const isAnswer = (value: unknown): boolean => has(value, answer)
const consents = { all: {}, some: { own: isMark, proxy: isMark, list: isMark } }
const isConsents = (value: unknown): boolean => has(value, consents)
const erasure = { all: { at: isInstant, request: isText }, some: {} }
const isErasure = (value: unknown): boolean => has(value, erasure)
const merged = { all: { merge: isText, at: isInstant, other: isText }, some: {} }
const isMerged = (value: unknown): boolean => has(value, merged)

const purpose = {
  all: {},
  some: { consents: isConsents, refusal: isAnswer, denial: isMark, objections: isEach(isMark) },
}
const isPurposes = isEach((value) => has(value, purpose))
const standing = {
  all: { state: isOneOf('active', 'erased'), events: isNumber, purposes: isPurposes },
  some: {
    kept: isPurposes,
    erased: isErasure,
    erasedUntil: isCalendarDate,
    merged: isMerged,
    absorbed: isEach(isText),
    restrictions: isEach(isMark),
  },
}

/** Parses a stored standing. By hand, because a campaign does it for everybody: an object parser takes several times as long. */
export const standingParser: z.ZodType<Standing> = z.custom<Standing>((value) => has(value, standing))
