/**
 * What the law says must be kept, and until when: decided per field, never per account (GDPR 17(3)).
 *
 * A date is the last day of keeping: what is kept "until 31 December 2030" goes on 1 January 2031. Finnish accounting
 * years count from the end of the financial year, or from the end of the calendar year in which it ended (Accounting
 * Act 1336/1997, 2:10).
 */

import { addPeriod, dayIn, financialYearEnd, yearEnd } from '../calendar.ts'
import type { Tombstone } from '../consent/model.ts'
import type { CalendarDate, Instant } from '../environment.ts'
import type { Exemption, Policy } from '../policy/model.ts'
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

/** A row as retention sees it: when it was recorded, and under which category each of its fields falls. */
export interface DatedFields {
  readonly recordedAt: Instant
  /** Field -> category. */
  readonly categories: Readonly<Record<string, string>>
}

/** The fields of a row that must be kept on a day; all others go. */
export function keptFields(
  { recordedAt, categories }: DatedFields,
  { policy, today }: { policy: Policy; today: CalendarDate },
): KeptField[] {
  const recorded = dayIn(policy.timeZone, recordedAt)
  return Object.entries(categories).flatMap(([field, category]) => {
    const exemption = policy.retention[category]?.exemption
    if (exemption === undefined) return []
    const until = exemptionEnd(exemption, { recorded, policy })
    if (isOver(until, today)) return []
    return [{ field, category, exemption: exemption.kind, law: exemption.law, until }]
  })
}

/** Whether the last day of keeping has passed. Dates of the calendar compare as texts. */
export const isOver = (until: CalendarDate, today: CalendarDate): boolean => until < today

/** The day it is where the policy holds. */
export const todayOf = (policy: Policy, now: Instant): CalendarDate => dayIn(policy.timeZone, now)

/** How long it is kept that a subject was erased: by the policy's exemption for tombstones, else without end. */
export function tombstoneOf(request: string, { policy, at }: { policy: Policy; at: Instant }): Tombstone {
  const exemption = policy.retention[policy.ownData.tombstones]?.exemption
  if (exemption === undefined) return { at, request }
  return { at, request, until: exemptionEnd(exemption, { recorded: todayOf(policy, at), policy }) }
}
