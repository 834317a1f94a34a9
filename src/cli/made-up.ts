/**
 * Made-up visits to a service, for the demo. They name nobody: addresses are those reserved for documentation
 * (RFC 5737), hosts those reserved for examples (RFC 2606).
 */

import type { Visit } from '../index.ts'

/** A day, `YYYY-MM-DD`: two groups of sessions by daylight, large enough to be published, and one visit at night. */
export function madeUpVisits(day: string): Visit[] {
  const group = (count: number, { hour, source }: { hour: string; source?: string }): Visit[] =>
    Array.from({ length: count }, (_, i) => ({
      session: `session-${hour}-${i % 12}`,
      ip: `192.0.2.${1 + (i % 12)}`,
      host: `dsl-${i % 12}.example.net`,
      at: `${day}T${hour}:${String(i % 60).padStart(2, '0')}:00.000Z`,
      ...(source !== undefined && { source }),
    }))
  return [
    ...group(40, { hour: '09', source: 'https://www.example.org/news' }),
    ...group(30, { hour: '13' }),
    ...group(1, { hour: '02' }),
  ]
}
