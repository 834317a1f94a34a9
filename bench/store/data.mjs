/** What is kept and counted in the benchmark, the same on both sides. */

export const collections = [
  { name: 'bench_records', kind: 'records', indexes: { byGroup: ['group'] } },
  { name: 'bench_events', kind: 'streams', indexes: {} },
]

export const keyOf = (i) => `bench/record/${String(i).padStart(8, '0')}`

/** About 250 bytes of JSON, as a register record has. */
export const recordOf = (i, round = 0) => ({
  group: `group-${i % 10}`,
  name: `Name ${i}`,
  email: `person-${i}@example.org`,
  address: { street: `Street ${i % 977}`, city: 'Helsinki', country: 'FI' },
  notes: 'x'.repeat(80),
  round,
})

/** The n-th visit of a day. */
export const visitOf = (day, n) => ({
  id: `v${n}`,
  at: new Date(Date.parse(`${day}T00:00:00.000Z`) + (n % 86_400_000)).toISOString(),
  session: `s${n % 5_000}`,
  ip: '203.0.113.7',
  host: null,
  source: 'https://example.org/',
})

export const range = (from, count) => Array.from({ length: count }, (_, i) => from + i)

export const median = (all) => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)]

/** Milliseconds of some work. */
export async function timed(work) {
  const started = performance.now()
  await work()
  return performance.now() - started
}
