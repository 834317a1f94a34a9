/**
 * What the law says must be kept, and until when: decided per field, never per account (GDPR 17(3)).
 *
 * A date is the last day of keeping: what is kept "until 31 December 2030" goes on 1 January 2031. Finnish accounting
 * years count from the end of the financial year, or from the end of the calendar year in which it ended (Accounting
 * Act 1336/1997, 2:10).
 */

import { addPeriod, dayIn, financialYearEnd, todayOf, yearEnd } from '../calendar.ts'
import type { Tombstone } from '../consent/model.ts'
import type { CalendarDate, Instant } from '../environment.ts'
import { InvalidInput } from '../errors.ts'
import type { Exemption, Policy, Retention } from '../policy/model.ts'
import type { KeptField } from './model.ts'

/** The last day on which an exemption holds for data recorded on a day. */
export function exemptionEnd(
  { rule }: Exemption,
  { recorded, policy }: { recorded: CalendarDate; policy: Policy },
): CalendarDate {
  const closing = (): CalendarDate => financialYearEnd(recorded, policy.controller.financialYearEnd)
  switch (rule.from) {
    case 'end-of-financial-year':
      return addPeriod(closing(), { years: rule.years })
    case 'end-of-calendar-year-of-financial-year':
      return addPeriod(yearEnd(closing()), { years: rule.years })
    case 'event':
      return addPeriod(recorded, rule)
  }
}

/** A field as retention sees it: under which category it falls, and when it was recorded. */
export interface DatedField {
  readonly name: string
  readonly category: string
  readonly recordedAt: Instant
  readonly withheld?: true
}

/**
 * The fields that must be kept on a day; all others go.
 * @throws InvalidInput `policy.invalid` where data lie under a category that the policy does not name: whether they
 *   must be kept is then unknown, and nothing may be done about them
 */
export function keptFields(
  fields: readonly DatedField[],
  { policy, today }: { policy: Policy; today: CalendarDate },
): KeptField[] {
  return fields.flatMap(({ name, category, recordedAt, withheld }) => {
    const exemption = retentionOf(policy, category).exemption
    if (exemption === undefined) return []
    const until = exemptionEnd(exemption, { recorded: dayIn(policy.timeZone, recordedAt), policy })
    if (isOver(until, today)) return []
    const { kind, law } = exemption
    return [{ field: name, category, exemption: kind, law, until, ...(withheld && { withheld }) }]
  })
}

function retentionOf(policy: Policy, category: string): Retention {
  const found = Object.hasOwn(policy.retention, category) ? policy.retention[category] : undefined
  if (found !== undefined) return found
  throw new InvalidInput('policy.invalid', 'data are stored under a category that the policy does not name', {
    path: `retention.${category}`,
  })
}

/** Whether the last day of keeping has passed. Dates of the calendar compare as texts. */
export const isOver = (until: CalendarDate, today: CalendarDate): boolean => until < today

/** How long it is kept that a subject was erased: by the policy's exemption for tombstones, else without end. */
export function tombstoneOf(request: string, { policy, at }: { policy: Policy; at: Instant }): Tombstone {
  const exemption = policy.retention[policy.ownData.tombstones]?.exemption
  if (exemption === undefined) return { at, request }
  return { at, request, until: exemptionEnd(exemption, { recorded: todayOf(policy, at), policy }) }
}
