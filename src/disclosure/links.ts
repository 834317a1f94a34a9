/**
 * Links between a customer and a partner, from what was put on record (the policy, "Disclosure": partners connected to
 * products the customer chose).
 *
 * A link holds from its first day to its last, both included. The end of links ends all of a recipient's that were made
 * before it, those that have not begun among them; one that is made afterwards holds again. So no order of events
 * brings back what the customer has ended. Refused are a last day before the first, and days more than a year away.
 */

import { addPeriod } from '../calendar.ts'
import type { CalendarDate } from '../environment.ts'
import { InvalidInput } from '../errors.ts'
import type { LinkEvent, LinkInput, UnlinkInput } from './model.ts'

/** What an event does to the link to a recipient that holds on a day. Events come in the order of recording. */
export function linkAfter(
  before: string | undefined,
  asked: { readonly recipient: string; readonly on: CalendarDate; readonly event: LinkEvent },
): string | undefined {
  const { id, kind, recipient, on: day, until } = asked.event
  if (recipient !== asked.recipient) return before
  if (kind === 'unlinked') return asked.on <= day ? before : undefined
  return day <= asked.on && (until === undefined || asked.on <= until) ? id : before
}

/** The days of a link. @throws InvalidInput `input.invalid` */
export function daysOf(
  { from, until }: LinkInput,
  today: CalendarDate,
): Pick<LinkEvent, 'on'> & Partial<Pick<LinkEvent, 'until'>> {
  const on = from ?? today
  checkNear(on, { today, path: 'link.from' })
  if (until === undefined) return { on }
  if (until < on) throw wrong('link.until', 'lies before the first day')
  return { on, until }
}

/** The last day of the links that end. @throws InvalidInput `input.invalid` */
export function endOf({ until }: UnlinkInput, today: CalendarDate): CalendarDate {
  const on = until ?? addPeriod(today, { days: -1 })
  checkNear(on, { today, path: 'unlink.until' })
  return on
}

function checkNear(on: CalendarDate, { today, path }: { today: CalendarDate; path: string }): void {
  if (on < addPeriod(today, { years: -1 }) || on > addPeriod(today, { years: 1 })) {
    throw wrong(path, 'must lie within a year of today')
  }
}

const wrong = (path: string, says: string): InvalidInput =>
  new InvalidInput('input.invalid', `${path} ${says}`, { path })
