/** People about whom different things were said, the same ones on every side. */

export const now = '2026-11-23T10:00:00.000Z'
const before = (days) => new Date(Date.parse(now) - days * 86_400_000).toISOString()

/** What was said, oldest first: kind, purpose, days ago, days until it ends (negative: it has ended). */
const sayings = [
  [],
  [['denied', 'telemarketing', 50]],
  [['denied', 'direct-marketing', 50]],
  [['given', 'direct-marketing', 50]],
  [
    ['given', 'telemarketing', 50],
    ['denied', 'telemarketing', 20],
  ],
  [
    ['denied', 'direct-marketing', 50],
    ['given', 'direct-marketing', 20],
  ],
  [['refused', 'direct-marketing', 50]],
  [
    ['given', 'direct-marketing', 50],
    ['withdrawn', 'direct-marketing', 20],
  ],
  [['given', 'direct-marketing', 50, 10]],
  [['given', 'direct-marketing', 50, -10]],
  [['denied', 'telemarketing', 50, -10]],
  [['denied', 'market-research', 50]],
]

export const idOf = (i) => `person-${String(i).padStart(7, '0')}`

/** The events of the i-th person. */
export const eventsOf = (i) =>
  sayings[i % sayings.length].map(([kind, purpose, ago, ends], n) => ({
    id: `e${n}`,
    kind,
    purpose,
    by: 'link',
    effectiveAt: before(ago),
    recordedAt: before(ago),
    ...(ends !== undefined && { expiresAt: before(-ends) }),
    policyVersion: '1',
    category: 'consent-record',
  }))

export const standingOf = ({ apply, emptyStanding }, i) => eventsOf(i).reduce(apply, emptyStanding)
