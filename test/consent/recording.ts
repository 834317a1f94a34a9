/** Recording drawn events by the public calls, each at the moment at which it was recorded. */

import {
  Conflict,
  type ConsentEvent,
  type DenialPurposeOf,
  type Environment,
  type Instant,
  type Privacy,
} from '@pilvi/privacy'
import type { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import { proxy } from './scene.ts'

interface Held {
  readonly privacy: Pick<Privacy<typeof pilviPolicy>, 'consent'>
  readonly environment: Pick<Environment, 'now'> & { set(at: Instant): void }
}

/** The events that were recorded: a renewal of a consent that does not stand is refused, as it should be. */
export async function recordAll(
  { privacy, environment }: Held,
  { subject, events }: { subject: string; events: readonly ConsentEvent[] },
): Promise<ConsentEvent[]> {
  const recorded: ConsentEvent[] = []
  for (const event of events) {
    environment.set(event.recordedAt)
    const made = await recordOne(privacy, { subject, event })
    if (made !== null) recorded.push(made)
  }
  return recorded
}

function recordOne(
  { consent }: Pick<Privacy<typeof pilviPolicy>, 'consent'>,
  { subject, event }: { subject: string; event: ConsentEvent },
): Promise<ConsentEvent | null> {
  const { kind, by, effectiveAt, expiresAt } = event
  const purpose = event.purpose as DenialPurposeOf<typeof pilviPolicy>
  const statement = { subject, purpose, by, operator: 'agent-7', effectiveAt }
  const ending = { ...statement, ...(expiresAt && { expiresAt }) }
  const yes = { ...ending, ...(by === 'proxy' && { proxy }) }
  switch (kind) {
    case 'denied':
      return consent.deny(ending)
    case 'given':
      return consent.give(yes)
    case 'refused':
      return consent.refuse(statement)
    case 'withdrawn':
      return consent.withdraw(statement)
    case 'revoked':
      return consent.revoke({ ...statement, revokedBy: 'court' })
    case 'renewed':
      return consent.renew(yes).catch((error: unknown) => {
        if (error instanceof Conflict && error.code === 'conflict.state') return null
        throw error
      })
  }
}
