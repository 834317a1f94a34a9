import { isIPv4, isIPv6 } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isAddress4, isAddress6, LineParser, noneRejected } from '../../src/usage/parse.ts'

const encoder = new TextEncoder()
const time = '[17/May/2015:10:05:03 +0000]'
const common = `192.0.2.1 - - ${time} "GET / HTTP/1.1" 200 123`
const combined = `${common} "https://example.org/a?b" "Agent/1.0 (x)"`

function read(line: string) {
  const parser = new LineParser()
  const bytes = Buffer.from(line, 'latin1')
  const reason = parser.parse(bytes, 0, bytes.length)
  const part = (start: number, end: number): string => bytes.subarray(start, end).toString('latin1')
  return {
    reason,
    host: part(parser.hostStart, parser.hostEnd),
    time: parser.time,
    referrer: part(parser.referrerStart, parser.referrerEnd),
    agent: part(parser.agentStart, parser.agentEnd),
  }
}

describe('a well-formed line', () => {
  it('of the combined format gives host, time, referrer and agent', () => {
    expect(read(combined)).toEqual({
      reason: null,
      host: '192.0.2.1',
      time: Date.UTC(2015, 4, 17, 10, 5, 3),
      referrer: 'https://example.org/a?b',
      agent: 'Agent/1.0 (x)',
    })
  })

  it('of the common format has no referrer and no agent, whatever the line before had', () => {
    const parser = new LineParser()
    const [long, short] = [encoder.encode(combined), encoder.encode(common)]
    expect(parser.parse(long, 0, long.length)).toBeNull()
    expect(parser.parse(short, 0, short.length)).toBeNull()
    expect(parser.referrerEnd - parser.referrerStart + parser.agentEnd - parser.agentStart).toBe(0)
  })

  it.each([
    ['an IPv6 host', combined.replace('192.0.2.1', '2001:db8::1')],
    ['a mapped host', combined.replace('192.0.2.1', '::ffff:192.0.2.1')],
    ['a DNS name', combined.replace('192.0.2.1', 'Host-7.dsl_a.example.net')],
    ['a single label', combined.replace('192.0.2.1', 'localhost')],
    ['identity and user', combined.replace('- -', 'ident user@example.org')],
    ['escaped quotes', combined.replace('Agent', 'A \\"b\\" \\\\')],
    ['an empty request', combined.replace('GET / HTTP/1.1', '')],
    ['binary in the request', combined.replace('GET', '\\x16\\x03\x01\xff')],
    ['no status and size', combined.replace('200 123', '- -')],
    ['a carriage return', `${combined}\r`],
    ['a leap second', combined.replace('10:05:03', '23:59:60')],
    ['a leap day', combined.replace('17/May/2015', '29/Feb/2016')],
  ])('may have %s', (_, line) => {
    expect(read(line).reason).toBeNull()
  })

  it.each([
    ['+0200', Date.UTC(2015, 4, 17, 8, 5, 3)],
    ['-0330', Date.UTC(2015, 4, 17, 13, 35, 3)],
  ])('counts the zone %s', (zone, at) => {
    expect(read(combined.replace('+0000', zone)).time).toBe(at)
  })
})

describe('a malformed line is rejected', () => {
  it.each([
    ['empty', ''],
    ['empty', '\r'],
    ['empty', ' \t '],
    ['host', ` ${combined}`],
    ['host', '-'],
    ['host', combined.replace('192.0.2.1', '-')],
    ['host', combined.replace('192.0.2.1', '12345')],
    ['host', combined.replace('192.0.2.1', 'example.com:443')],
    ['host', combined.replace('192.0.2.1', 'abc.de:80')],
    ['host', combined.replace('192.0.2.1', 'ex"ample')],
    ['host', combined.replace('192.0.2.1', 'a'.repeat(254))],
    ['host', 'garbage'],
    ['identity', '192.0.2.1 -'],
    ['identity', '192.0.2.1  - x'],
    ['time', combined.replace('- -', '- John Smith')],
    ['time', `example.com ${combined}`],
    ['time', '192.0.2.1 - - [17/May/2015'],
    ['time', combined.replace('17/May', '31/Apr')],
    ['time', combined.replace('17/May/2015', '29/Feb/2015')],
    ['time', combined.replace('17/May', '00/May')],
    ['time', combined.replace('May', 'Mai')],
    ['time', combined.replace('2015', '1969')],
    ['time', combined.replace('2015', '0050')],
    ['time', combined.replace('2015', '20x5')],
    ['time', combined.replace('10:05:03', '24:05:03')],
    ['time', combined.replace('10:05:03', '10:60:03')],
    ['time', combined.replace('10:05:03', '10:05:61')],
    ['time', combined.replace('10:05:03', '1a:05:03')],
    ['time', combined.replace('+0000', '00000')],
    ['time', combined.replace('+0000', '+2400')],
    ['time', combined.replace('+0000', '+0060')],
    ['time', combined.replace('+0000]', '+0000)')],
    ['request', combined.replace('"GET', 'GET')],
    ['request', `192.0.2.1 - - ${time}`],
    ['request', `192.0.2.1 - - ${time} "GET / HTTP/1.1`],
    ['request', `192.0.2.1 - - ${time} "GET / HTTP/1.1\\"`],
    ['request', `192.0.2.1 - - ${time} "GET /"`],
    ['status', combined.replace(' 200 ', ' 20 ')],
    ['status', combined.replace(' 200 ', ' 2000 ')],
    ['status', combined.replace(' 200 ', ' ok ')],
    ['size', combined.replace(' 123 ', ' 12k ')],
    ['size', combined.replace(' 123 ', ' ')],
    ['referrer', `${common} `],
    ['referrer', `${common} -`],
    ['referrer', `${common} "https://example.org/`],
    ['referrer', `${common} "https://example.org/"`],
    ['agent', combined.slice(0, -1)],
    ['agent', `${common} "-" -`],
    ['trailing', `${combined} `],
    ['trailing', `${combined} "198.51.100.7"`],
  ])('as %s: %j', (reason, line) => {
    expect(read(line).reason).toBe(reason)
  })

  it('with a reason of the list and without throwing, whatever the bytes', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      // Near misses: a good line with bytes replaced.
      fc.array(fc.tuple(fc.nat(combined.length - 1), fc.nat(255)), { maxLength: 4 }).map((changes) => {
        const line = encoder.encode(combined)
        for (const [at, byte] of changes) line[at] = byte
        return line
      }),
    )
    const parser = new LineParser()
    fc.assert(
      fc.property(bytes, (line) => {
        const reason = parser.parse(line, 0, line.length)
        if (reason !== null) expect(Object.keys(noneRejected)).toContain(reason)
        else expect(parser.time).toBeGreaterThanOrEqual(0)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('hostile lines', () => {
  const head = `192.0.2.1 - - ${time} `
  const hostile: [string, (length: number) => string][] = [
    ['quotes', (n) => head + '"'.repeat(n)],
    ['backslashes', (n) => `${head}"${'\\'.repeat(n)}`],
    ['escaped quotes', (n) => `${head}"${'\\"'.repeat(n / 2)}`],
    ['brackets', (n) => '['.repeat(n)],
    ['spaces', (n) => ' '.repeat(n)],
    ['colons', (n) => ':'.repeat(n)],
    ['digits', (n) => `${head}"GET /" ${'2'.repeat(n)}`],
    ['a host', (n) => 'a.'.repeat(n / 2)],
    ['an agent', (n) => `${combined.slice(0, -1)}${'x'.repeat(n)}`],
  ]

  it.each(hostile)('of %s cost time in proportion to their length', (_, make) => {
    const perByte = (length: number): number => {
      const bytes = encoder.encode(make(length))
      const parser = new LineParser()
      const rounds = Math.ceil(4_000_000 / bytes.length)
      for (let i = 0; i < rounds / 4; i++) parser.parse(bytes, 0, bytes.length)
      const started = performance.now()
      for (let i = 0; i < rounds; i++) parser.parse(bytes, 0, bytes.length)
      return (performance.now() - started) / (rounds * bytes.length)
    }
    // Sixteen times the length: quadratic time would cost sixteen times as much a byte. The rest is a busy machine.
    expect(perByte(64_000)).toBeLessThan(perByte(4_000) * 6 + 2e-6)
  })
})

describe('addresses', () => {
  const shapes = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.ipV6().map((address) => address.replace(/:[0-9a-f]+:/i, '::')),
    fc.string({ unit: fc.constantFrom(':', '::', '0', 'f', '12', '1234', '.', '255', '256'), maxLength: 10 }),
  )

  it('are told apart as the platform does', () => {
    fc.assert(
      fc.property(shapes, (text) => {
        const bytes = encoder.encode(text)
        // The platform refuses leading zeros, which a log never has.
        if (!/(^|\.|:)0[0-9]+\./.test(text) && !/\.0[0-9]/.test(text)) {
          expect([text, isAddress4(bytes, 0, bytes.length)]).toEqual([text, isIPv4(text)])
          expect([text, isAddress6(bytes, 0, bytes.length)]).toEqual([text, isIPv6(text)])
        }
      }),
      { numRuns: 3_000 },
    )
  })
})
