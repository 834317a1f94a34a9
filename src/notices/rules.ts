/**
 * What becomes of the record of one person and one version.
 *
 * The first act of each kind by each channel is kept, so that a page that is shown a thousand times is one entry. Whoever
 * was shown a version, told of it, or accepted it need not be told of it again. A message is claimed before it is sent: one
 * claim at a time, for ten minutes, and each try carries the key of the first (at least once, never twice knowingly).
 */

import { isInYearBefore, later } from '../calendar.ts'
import type { Instant } from '../environment.ts'
import { InvalidInput } from '../errors.ts'
import type { Claim, NoticeAct, StoredNotice, VersionName } from './model.ts'

const claimed = 10 * 60_000

/** The record with an act; as it was, where it has one like it already. */
export function withAct(
  before: StoredNotice | null,
  { act, version, category }: { act: NoticeAct; version: VersionName; category: string },
): StoredNotice {
  const acts = before?.acts ?? []
  const like = acts.some(
    ({ kind, channel, by }) => kind === act.kind && channel === act.channel && by === act.by,
  )
  if (before && like) return before
  const { version: name, digest } = version
  return { version: name, digest, acts: [...acts, act], recordedAt: act.recordedAt, category }
}

/** Whether somebody is still to be told. */
export const isDue = (record: StoredNotice | null): boolean => record === null || record.acts.length === 0

/** The record with a claim to send; `null` where nothing is to be sent, or somebody is sending. */
export function withClaim(
  before: StoredNotice | null,
  given: { version: VersionName; category: string; now: Instant; key: string },
): (StoredNotice & { readonly sending: Claim }) | null {
  const { version, category, now } = given
  const sending = before?.sending
  if (!isDue(before) || (sending !== undefined && now < sending.until)) return null
  const { version: name, digest } = version
  const claim = { key: sending?.key ?? given.key, until: later(now, claimed) }
  return { version: name, digest, acts: [], recordedAt: now, category, sending: claim }
}

/** The record with its claim given back, so that it can be tried again at once; `null` where another holds it by now. */
export function withoutClaim(
  before: StoredNotice | null,
  { mine, now }: { mine: Claim; now: Instant },
): StoredNotice | null {
  if (before?.sending?.until !== mine.until) return null
  return { ...before, sending: { ...mine, until: now } }
}

/** @throws InvalidInput `input.invalid` where a notice is said to lie ahead, or more than a year back */
export function checkMoment(at: Instant, now: Instant): void {
  if (isInYearBefore(now, at)) return
  throw new InvalidInput('input.invalid', 'notice.at must lie within the year before now', {
    path: 'notice.at',
  })
}
