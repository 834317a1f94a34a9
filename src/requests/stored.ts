/**
 * Requests, and what erasures kept, as they are stored: parsed again whenever they are read, because whoever acts on a
 * record that is not what it should be erases or gives away the wrong thing.
 */

import * as z from 'zod'
import { dateParser, idParser, instantParser } from '../parsing.ts'
import {
  check,
  type ExportGrant,
  type KeptRow,
  type KeptSummary,
  type KeysDestroyed,
  kind,
  type Plan,
  type RightsRequest,
  reason,
  receivedBy,
} from './model.ts'

const exemption = z.enum(['administrative', 'legal', 'security'])
const counts = z.array(z.strictObject({ source: z.string(), rows: z.int(), keeping: z.int() }))
const unattributed = z.array(z.strictObject({ source: z.string(), says: z.string() }))
const summaries: z.ZodType<KeptSummary[]> = z.array(
  z.strictObject({
    source: z.string(),
    fields: z.array(z.string()),
    count: z.int(),
    exemption,
    law: z.string(),
    until: dateParser,
  }),
)

const planParser: z.ZodType<Omit<Plan, 'others'>> = z.strictObject({
  request: z.string(),
  kind,
  policyVersion: z.string(),
  madeAt: instantParser,
  sources: counts,
  kept: summaries,
  notAttributable: unattributed,
  merged: z.exactOptional(z.int()),
  basis: z.string(),
  digest: z.string(),
})

const grantParser: z.ZodType<ExportGrant> = z.strictObject({
  tokenDigest: z.string(),
  expiresAt: instantParser,
  claim: z.exactOptional(z.strictObject({ id: z.string(), until: instantParser })),
  spentAt: z.exactOptional(instantParser),
})

const keysParser: z.ZodType<KeysDestroyed> = z.strictObject({
  destroyed: z.int(),
  effectiveFrom: instantParser,
  cache: z.literal('PT0S'),
  backups: z.strictObject({ until: dateParser.nullable() }),
})

/** Parses a stored request. */
export const storedRequestParser: z.ZodType<RightsRequest> = z.strictObject({
  id: z.string(),
  kind,
  state: z.enum(['opened', 'confirmed', 'planned', 'running', 'fulfilled', 'refused']),
  subject: z.exactOptional(idParser),
  subjectDigest: z.exactOptional(z.string()),
  sessions: z.array(idParser),
  category: z.string(),
  receivedBy,
  receivedAt: instantParser,
  recordedAt: instantParser,
  due: dateParser,
  operator: z.exactOptional(z.string()),
  confirmed: z.exactOptional(
    z.strictObject({
      at: instantParser,
      by: z.enum(['operator', 'step-up', 'factor']),
      operator: z.exactOptional(z.string()),
      check: z.exactOptional(check),
    }),
  ),
  plan: z.exactOptional(planParser),
  started: z.exactOptional(
    z.strictObject({
      at: instantParser,
      exemptions: z.string(),
      notedAt: z.exactOptional(instantParser),
      sources: counts,
      notAttributable: unattributed,
    }),
  ),
  report: z.exactOptional(
    z.strictObject({
      request: z.string(),
      kind,
      fulfilledAt: instantParser,
      sources: counts,
      kept: summaries,
      notAttributable: unattributed,
      merged: z.exactOptional(z.int()),
      keys: z.exactOptional(keysParser),
      receipt: z.exactOptional(z.string()),
    }),
  ),
  export: z.exactOptional(grantParser),
  refused: z.exactOptional(z.strictObject({ at: instantParser, operator: z.string(), reason })),
  completion: z.exactOptional(z.string()),
})

/** Parses a stored row of what is kept. */
export const keptRowParser: z.ZodType<KeptRow> = z.strictObject({
  requests: z.array(z.string()).min(1),
  subject: idParser,
  subjectDigest: z.string(),
  source: z.string(),
  row: z.string(),
  aside: z.exactOptional(z.string()),
  fields: z
    .array(
      z.strictObject({
        field: z.string(),
        category: z.string(),
        exemption,
        law: z.string(),
        until: dateParser,
        withheld: z.exactOptional(z.literal(true)),
      }),
    )
    .min(1),
  until: dateParser,
})
