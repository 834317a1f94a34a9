/**
 * The threat: something identifying reaches a publication through a mistake elsewhere in the library. Each case is such
 * a mistake, made on purpose in the bytes that are about to be published.
 */

import { describe, expect, it } from 'vitest'
import { IntegrityFailure } from '../../src/errors.ts'
import { guarded } from '../../src/usage/guard.ts'
import { KeyedHash } from '../../src/usage/hash.ts'
import { Identifiers } from '../../src/usage/identifiers.ts'
import { baseTable } from '../../src/usage/protect.ts'
import { publicationOf } from '../../src/usage/publication.ts'
import { usagePolicy } from './visits.ts'

const policy = { ...usagePolicy({ k: 10 }), id: 'Chrome/124.0.0.0' }
const empty = publicationOf({ policy, base: baseTable(policy), day: '2026-01-05' }, [])
const identifiers = new Identifiers(new KeyedHash(new Uint8Array(16)))
for (const host of ['192.0.2.1', '124.0.0.0', '2001:db8::1', 'visitor.example.net', 'visitor.org', 'elisa']) {
  identifiers.addHost(host)
}
identifiers.addSession('sess-42')

const good = { hour: 9, source: 'example.org', visits: 40, sessions: 12 }
const cells = (...list: unknown[]): string => JSON.stringify({ ...empty, cells: list })
const caught = (text: string): IntegrityFailure => {
  try {
    guarded(text, { empty, identifiers })
  } catch (error) {
    if (error instanceof IntegrityFailure) return error
  }
  throw new Error('the guard let it pass')
}

describe('the guard passes', () => {
  it.each([
    ['a good publication', cells(good, { ...good, source: 'direct' }, { ...good, source: 'unknown' })],
    ['one without cells', cells()],
    // The host name `elisa` is a part of it, no more.
    ['a domain that contains a host name of the batch', cells({ ...good, source: 'elisa.fi' })],
    // The policy's own text holds an address of the batch: it says nothing about the batch.
    ['text of the policy that reads like an address', cells(good)],
  ])('%s, unchanged', (_, text) => {
    expect(guarded(text, { empty, identifiers })).toBe(text)
  })
})

describe('the guard trips over', () => {
  it.each([
    ['192.0.2.1', 'an address'],
    ['192-0-2-1.org', 'an address'],
    ['1-2-0-192.org', 'an address'],
    ['3221225985.org', 'an address'],
    ['c0000201.org', 'an address'],
    ['192000002001.org', 'an address'],
    ['::ffff:192.0.2.1', 'an address'],
    ['2001-db8--1.org', 'an address'],
    ['124.0.0.0', 'an address'],
    ['visitor.example.net', 'a host name'],
    ['visitor.org', 'a host name'],
    ['sess-42', 'a session id'],
    ['sess-42.org', 'a session id'],
    ['0cc175b9c0f1b6a831c399e269772661.org', 'a digest'],
    // Not of the batch, and yet no source.
    ['203.0.113.9', 'registrable domain'],
    ['www.example.org', 'registrable domain'],
    ['localhost', 'registrable domain'],
    ['MTkyLjAuMi4x', 'registrable domain'],
    ['%31%39%32', 'registrable domain'],
    ['<script>', 'registrable domain'],
    ['', 'registrable domain'],
  ])('the source %j', (source, kind) => {
    const error = caught(cells(good, { ...good, source }))
    expect(error.code).toBe('guard.tripped')
    expect(error.path).toBe('cells[1].source')
    expect(error.message).toMatch(new RegExp(kind.replace('a digest', 'digest')))
    // The message tells the kind and never the value.
    if (source !== '') expect(error.message).not.toContain(source)
  })

  it.each([
    ['bytes that do not parse', '{'],
    ['bytes that are no object', '1'],
    ['a member given twice', cells(good).replace('"hour":9', '"hour":"192.0.2.1","hour":9')],
    ['white space', cells(good).replace('{', '{ ')],
    ['another member', JSON.stringify({ ...empty, cells: [good], total: 57 })],
    ['another day', JSON.stringify({ ...empty, cells: [good], day: '2026-01-06' })],
    ['another text', JSON.stringify({ ...empty, cells: [good], table: '192.0.2.1' })],
    [
      'a hidden text',
      JSON.stringify({ ...empty, protection: { ...empty.protection, limits: ['sess-42'] }, cells: [] }),
    ],
    ['no cells', JSON.stringify({ ...empty, cells: undefined })],
    ['cells that are none', JSON.stringify({ ...empty, cells: {} })],
    ['a cell that is none', cells('192.0.2.1')],
    ['a list as a cell', cells([1])],
    ['null as a cell', cells(null)],
    ['a member of its own in a cell', cells({ ...good, ip: '192.0.2.1' })],
    ['another member in the place of one', cells({ hour: 9, ip: '192.0.2.1', visits: 40, sessions: 12 })],
    ['a cell that lacks a member', cells({ hour: 9, source: 'direct', visits: 40 })],
    ['a text as a number', cells({ ...good, visits: '192.0.2.1' })],
    ['a broken number', cells({ ...good, visits: 40.5 })],
    ['a number that could be an address', cells({ ...good, hour: 3221225985 })],
    ['an hour there is not', cells({ ...good, hour: 24 })],
    ['fewer than k sessions', cells({ ...good, sessions: 9 })],
    ['fewer than k visits', cells({ ...good, visits: 9 })],
    ['a source that is no text', cells({ ...good, source: 1 })],
  ])('%s', (_, text) => {
    const { message } = caught(text)
    expect(message).toMatch(/^publication refused/)
    expect(message).not.toMatch(/192|sess-42/)
  })

  it('a weekday there is not', () => {
    const given = usagePolicy({ dimensions: ['weekday'], measures: ['visits'] })
    const other = publicationOf({ policy: given, base: baseTable(given), day: '2026-01-05' }, [])
    const text = (weekday: number): string => JSON.stringify({ ...other, cells: [{ weekday, visits: 3 }] })
    expect(guarded(text(7), { empty: other, identifiers })).toBe(text(7))
    for (const weekday of [0, 8]) {
      expect(() => guarded(text(weekday), { empty: other, identifiers })).toThrow(IntegrityFailure)
    }
  })
})
