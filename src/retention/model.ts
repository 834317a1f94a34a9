/** What retention says of data that outlive an erasure. */

import type { CalendarDate } from '../environment.ts'
import type { Exemption } from '../policy/model.ts'

/** A field of a row that an erasure must leave, and why. */
export interface KeptField {
  readonly field: string
  readonly category: string
  readonly exemption: Exemption['kind']
  readonly law: string
  /** The last day of keeping. */
  readonly until: CalendarDate
  /** The person is not told of it: what they are told leaves it out. */
  readonly withheld?: true
}
