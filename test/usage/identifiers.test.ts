import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KeyedHash } from '../../src/usage/hash.ts'
import { Identifiers } from '../../src/usage/identifiers.ts'

const empty = (): Identifiers => new Identifiers(new KeyedHash(new Uint8Array(16).fill(1)))

function batch(): Identifiers {
  const made = empty()
  for (const host of [
    '192.0.2.1',
    '2001:DB8:0:0::1',
    '::ffff:198.51.100.7',
    'Visitor-7.dsl.example.net',
    'example.org.',
  ]) {
    made.addHost(host)
  }
  made.addSession('Sess-42')
  made.addSession('4f1c')
  return made
}

describe('an identifier of the batch is found', () => {
  it.each([
    ['as it is', '192.0.2.1', 'address'],
    ['in a text', 'seen at 192.0.2.1, twice', 'address'],
    ['with zeros', '192.000.002.001', 'address'],
    ['dashed', 'ip192-0-2-1.example.com', 'address'],
    ['backwards', '1.2.0.192.in-addr.arpa', 'address'],
    ['padded', 'host192000002001.example.com', 'address'],
    ['decimal', '3221225985', 'address'],
    ['hexadecimal', 'c0000201.example.com', 'address'],
    ['hexadecimal with a prefix', '0xC0000201', 'address'],
    ['mapped', '::ffff:192.0.2.1', 'address'],
    ['mapped, hexadecimal', '::FFFF:c000:201', 'address'],
    ['IPv6, canonical', '2001:db8::1', 'address'],
    ['IPv6, in full', '2001:0db8:0000:0000:0000:0000:0000:0001', 'address'],
    ['IPv6, dashed', '2001-db8--1.example.com', 'address'],
    ['IPv6 given mapped, without the mapping', '198.51.100.7', 'address'],
    ['a host name', 'visitor-7.dsl.example.net', 'host'],
    ['a host name, capitals and a dot', 'VISITOR-7.dsl.example.net.', 'host'],
    ['a host that is a registrable domain', 'example.org', 'host'],
    ['a session id', 'Sess-42', 'session'],
    ['a session id in a text', 'x.4f1c.example.com', 'session'],
  ])('%s: %s', (_, text, kind) => {
    expect(batch().traceIn(text)).toBe(kind)
  })

  it.each(['md5', 'sha1', 'sha256'])('as an unsalted digest: %s', (algorithm) => {
    const text = `${createHash(algorithm).update('192.0.2.1').digest('hex')}.example.com`
    expect(batch().traceIn(text)).toBe('digest')
  })

  it('whatever the address, in each of these spellings', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const made = empty()
        made.addHost(address)
        const parts = address.split('.').map(Number)
        const value = parts.reduce((sum, part) => sum * 256 + part, 0)
        const spellings = [
          address,
          parts.join('-'),
          [...parts].reverse().join('.'),
          parts.map((part) => String(part).padStart(3, '0')).join(''),
          String(value),
          value.toString(16).padStart(8, '0'),
          `::ffff:${address}`,
        ]
        for (const text of spellings) expect([text, made.traceIn(`x ${text} y`)]).toEqual([text, 'address'])
      }),
    )
  })
})

describe('nothing is found', () => {
  it.each([
    'direct',
    'example.com',
    'dsl.example.net', // part of a host name
    '163.com', // decimal for an address, but nobody's
    'Chrome/124.0.0.0', // a browser version
    '192.0.2.10',
    '1192.0.2.1',
    '2015-05-17',
    'sess-42', // session ids are compared as they are
    '4f1c0.example.com',
  ])('in %s', (text) => {
    expect(batch().traceIn(text)).toBeNull()
  })
})

it('what another part of the batch knows is known after taking it over', () => {
  const [whole, other] = [batch(), empty()]
  other.addHost('203.0.113.5')
  other.addHost('other.example.net')
  other.addSession('other')
  whole.absorb(other)
  expect(
    ['203.0.113.5', 'other.example.net', 'other', '192.0.2.1'].map((text) => whole.traceIn(text)),
  ).toEqual(['address', 'host', 'session', 'address'])
})

it('an IPv4 address with zeros before its parts is the same address', () => {
  const made = empty()
  made.addHost('192.000.002.009')
  expect(made.traceIn('192.0.2.9')).toBe('address')
})

it('an IPv6 address with a zone is the same address', () => {
  const made = empty()
  made.addHost('fe80::1%eth0')
  expect(made.traceIn('fe80::1')).toBe('address')
})
