/**
 * Cutting a host's record down to what a decision permits: what was not permitted is not handed over by mistake.
 *
 * Only a decision that was permitted and is on record is applied: a look that recorded nothing would leave the
 * disclosure out of the person's account.
 */

import { InvalidInput } from '../errors.ts'
import type { DisclosureDecision } from './model.ts'

/**
 * The members of a record, by `group.field` names, that a decision permits; one that is not there is left out.
 * @throws InvalidInput `input.invalid` for a decision that was denied, or is not on record
 */
export function apply<T extends Readonly<Record<string, unknown>>>(
  { outcome, record: id, fields }: DisclosureDecision,
  record: T,
): Partial<T> {
  if (outcome !== 'permit' || id === undefined) {
    throw new InvalidInput('input.invalid', 'decision must be a permitted one that is on record', {
      path: 'decision',
    })
  }
  const permitted = fields.filter((field) => Object.hasOwn(record, field))
  return Object.fromEntries(permitted.map((field) => [field, record[field]])) as Partial<T>
}
