/**
 * Cutting a host's record down to what a decision permits: what was not permitted is not handed over by mistake.
 *
 * Only a decision that was permitted and is on record is applied: a look that recorded nothing would leave the
 * disclosure out of the person's account.
 */

import { InvalidInput } from '../errors.ts'
import type { DisclosureDecision } from './model.ts'
import { appliedParser } from './parser.ts'

/**
 * The members of a record, by `group.field` names, that a decision permits; one that is not there is left out.
 * @throws InvalidInput `input.invalid` for a decision that was denied, or is not on record
 */
export function apply<T extends Readonly<Record<string, unknown>>>(
  decision: DisclosureDecision,
  record: T,
): Partial<T> {
  const applied = appliedParser.safeParse(decision)
  if (!applied.success) throw wrong('decision', 'a permitted one that is on record')
  if (typeof record !== 'object' || record === null) throw wrong('record', 'an object')
  const permitted = applied.data.fields.filter((field) => Object.hasOwn(record, field))
  return Object.fromEntries(permitted.map((field) => [field, record[field]])) as Partial<T>
}

const wrong = (path: string, what: string): InvalidInput =>
  new InvalidInput('input.invalid', `${path} must be ${what}`, { path })
