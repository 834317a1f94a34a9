import { describe, expect, it } from 'vitest'
import { Anonymiser } from '../../src/usage/anonymise.ts'
import { KeyedHash } from '../../src/usage/hash.ts'
import { Identifiers } from '../../src/usage/identifiers.ts'
import { LineParser } from '../../src/usage/parse.ts'
import { line, visit } from './visits.ts'

function anonymiser(timeZone = 'Europe/Helsinki', fill = 7) {
  const hash = new KeyedHash(new Uint8Array(16).fill(fill))
  const identifiers = new Identifiers(hash)
  return { made: new Anonymiser({ timeZone, sites: ['www.example.com'], hash, identifiers }), identifiers }
}

/** What is left of a line, as a value of its own. */
function ofLine(made: Anonymiser, text: string) {
  const bytes = Buffer.from(text, 'latin1')
  const parser = new LineParser()
  expect(parser.parse(bytes, 0, bytes.length)).toBeNull()
  const { slot, source, lo, hi } = made.line(bytes, parser)
  return { day: slot.day, hour: slot.hour, weekday: slot.weekday, source, session: `${lo}/${hi}` }
}

describe('the wall clock of the policy', () => {
  it.each([
    // Helsinki is two hours ahead in winter, three in summer; 2026 has 23 hours on 29 March and 25 on 25 October.
    ['2026-01-05T21:59:59.999Z', '2026-01-05', 23, 1],
    ['2026-01-05T22:00:00.000Z', '2026-01-06', 0, 2],
    ['2026-03-29T00:59:00.000Z', '2026-03-29', 2, 7],
    ['2026-03-29T01:00:00.000Z', '2026-03-29', 4, 7],
    ['2026-10-25T00:30:00.000Z', '2026-10-25', 3, 7],
    ['2026-10-25T01:30:00.000Z', '2026-10-25', 3, 7],
    ['2026-10-25T22:00:00.000Z', '2026-10-26', 0, 1],
  ])('%s is %s, hour %i, weekday %i', (at, day, hour, weekday) => {
    const { slot } = anonymiser().made.visit(visit({ at }))
    expect([slot.day, slot.hour, slot.weekday]).toEqual([day, hour, weekday])
  })

  it('shifts by half hours where the zone does', () => {
    // Lord Howe Island goes from +11:00 to +10:30 at 15:00 UTC on 4 April 2026.
    const { made } = anonymiser('Australia/Lord_Howe')
    const hours = ['14:45', '15:00', '15:15', '15:30'].map(
      (time) => made.visit(visit({ at: `2026-04-04T${time}:00.000Z` })).slot.hour,
    )
    expect(hours).toEqual([1, 1, 1, 2])
  })

  it('stays right when more moments are named than are remembered', () => {
    const { made } = anonymiser('UTC')
    for (let i = 0; i < 10_000; i++) {
      const at = new Date(i * 900_000 * 7).toISOString()
      expect(made.visit(visit({ at })).slot.day).toBe(at.slice(0, 10))
    }
  })
})

describe('a session', () => {
  const { made } = anonymiser()
  const base = { host: '192.0.2.1', agent: 'A', at: '2026-01-05T12:00:00Z' }

  it('of a log is host and user agent, in a day', () => {
    const same = [line(base), line({ ...base, at: '2026-01-05T13:30:00Z' }), line({ ...base, referrer: '-' })]
    expect(new Set(same.map((each) => ofLine(made, each).session)).size).toBe(1)
    const different = [
      line(base),
      line({ ...base, host: '192.0.2.2' }),
      line({ ...base, agent: 'B' }),
      line({ ...base, at: '2026-01-06T12:00:00Z' }),
      // What host and agent are must not run together.
      line({ ...base, host: '192.0.2.1A', agent: '' }),
    ]
    expect(new Set(different.map((each) => ofLine(made, each).session)).size).toBe(different.length)
  })

  it('of a visit is the id given, in a day, whatever the address', () => {
    const token = (given: Parameters<typeof visit>[0]): string => {
      const { lo, hi } = made.visit(visit(given))
      return `${lo}/${hi}`
    }
    expect(token({ session: 'a', ip: '192.0.2.9' })).toBe(token({ session: 'a' }))
    expect(token({ session: 'b' })).not.toBe(token({ session: 'a' }))
    expect(token({ session: 'a', at: '2026-01-09T00:00:00.000Z' })).not.toBe(token({ session: 'a' }))
  })

  it('cannot be recognised in another run', () => {
    const again = anonymiser('Europe/Helsinki', 8).made
    expect(ofLine(again, line(base)).session).not.toBe(ofLine(made, line(base)).session)
  })
})

describe('a line', () => {
  it.each([
    ['https://www.example.org/a/b', 'example.org'],
    ['https://www.example.org?a', 'example.org'],
    ['https://www.example.org#a', 'example.org'],
    ['https://www.example.org', 'example.org'],
    ['https://www.example.com/x', 'internal'],
    ['http://192.0.2.44/', 'unknown'],
    ['-', 'direct'],
  ])('from %s has the source %s', (referrer, source) => {
    const { made } = anonymiser()
    expect(ofLine(made, line({ referrer })).source).toBe(source)
    expect(ofLine(made, line({ referrer: `${referrer}` })).source).toBe(source)
  })

  it('leaves its host with the identifiers of the batch, in its canonical form', () => {
    const { made, identifiers } = anonymiser()
    ofLine(made, line({ host: 'Visitor.Example.NET' }))
    ofLine(made, line({ host: '192.0.2.44' }))
    expect(identifiers.traceIn('visitor.example.net')).toBe('host')
    expect(identifiers.traceIn('192.0.2.44')).toBe('address')
  })

  it('of a visit without address and host leaves only its session', () => {
    const { made, identifiers } = anonymiser()
    made.visit({ ...visit({ session: 's-1' }), ip: null, host: null })
    expect(identifiers.traceIn('s-1')).toBe('session')
    expect(identifiers.traceIn('192.0.2.1')).toBeNull()
  })
})
