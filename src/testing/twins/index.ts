/** All broken twins. At least one for each case of the kit: a case that no twin fails proves nothing. */

import { bulkTwins } from './bulk.ts'
import { lifecycleTwins } from './lifecycle.ts'
import { racingTwins } from './racing.ts'
import { readingTwins } from './reading.ts'
import { scanningTwins } from './scanning.ts'
import { streamTwins } from './streams.ts'
import type { BrokenTwin } from './twin.ts'
import { visitDayTwins } from './visit-days.ts'
import { visitTwins } from './visits.ts'
import { writingTwins } from './writing.ts'

/** Stores that break one promise each; the kit has to fail on every one. */
export const brokenTwins: readonly BrokenTwin[] = [
  ...readingTwins,
  ...scanningTwins,
  ...writingTwins,
  ...racingTwins,
  ...streamTwins,
  ...lifecycleTwins,
  ...bulkTwins,
  ...visitTwins,
  ...visitDayTwins,
]
