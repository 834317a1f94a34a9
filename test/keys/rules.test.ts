/** The keyring's rules: every verb on a key of every status, and any sequence of them. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type KeyEntry, type KeyStatus, keyringParser, keyStatuses } from '../../src/keys/model.ts'
import {
  afterStep,
  firstEntries,
  grantOf,
  type KeyringVerb,
  mayUnwrap,
  primaryOf,
  restingTime,
  wrapBlock,
  wrapLimit,
} from '../../src/keys/rules.ts'

const made = '2026-11-23T10:00:00.000Z'
const later = '2026-11-23T10:05:00.000Z'
const entry = (id: string, status: KeyStatus): KeyEntry => {
  return { id, status, addedAt: made, changedAt: made, commitment: `commitment of ${id}` }
}
const conflict = expect.objectContaining({ name: 'Conflict', code: 'conflict.state', record: 'k' })

/** What each verb makes of a key of each status; `null`: it is refused. */
const table: Record<KeyringVerb, Record<KeyStatus | 'none', KeyStatus | null>> = {
  add: {
    none: 'active',
    primary: null,
    active: null,
    'decrypt-only': null,
    disabled: null,
    destroyed: null,
  },
  promote: {
    none: null,
    primary: null,
    active: 'primary',
    'decrypt-only': null,
    disabled: null,
    destroyed: null,
  },
  demote: {
    none: null,
    primary: null,
    active: 'decrypt-only',
    'decrypt-only': null,
    disabled: null,
    destroyed: null,
  },
  disable: {
    none: null,
    primary: null,
    active: 'disabled',
    'decrypt-only': 'disabled',
    disabled: null,
    destroyed: null,
  },
  enable: {
    none: null,
    primary: null,
    active: null,
    'decrypt-only': 'active',
    disabled: 'active',
    destroyed: null,
  },
  destroy: {
    none: null,
    primary: null,
    active: null,
    'decrypt-only': null,
    disabled: 'destroyed',
    destroyed: null,
  },
}
const verbs = Object.keys(table) as KeyringVerb[]
const cases = verbs.flatMap((verb) =>
  (['none', ...keyStatuses] as const).map((from) => [verb, from, table[verb][from]] as const),
)

describe('a verb and a status', () => {
  it.each(cases)('%s a key that is %s: %s', (verb, from, to) => {
    const others = [entry('first', from === 'primary' ? 'active' : 'primary'), entry('other', 'decrypt-only')]
    const entries = from === 'none' ? others : [...others, entry('k', from)]
    const step = { verb, id: 'k', at: later, commitment: 'new' } as const
    if (to === null) return expect(() => afterStep(entries, step)).toThrow(conflict)
    const after = afterStep(entries, step)
    expect(after.find(({ id }) => id === 'k')).toMatchObject({ status: to, changedAt: later })
    // Of the others only the primary can change, and only where another takes its place.
    const demoted = { ...entry('first', 'active'), changedAt: later }
    expect(after.slice(0, 2)).toEqual([verb === 'promote' ? demoted : others[0], others[1]])
  })

  it('a key that was disabled less than five minutes ago is not destroyed', () => {
    const entries = [entry('first', 'primary'), entry('k', 'disabled')]
    const at = (after: number) => new Date(Date.parse(made) + after).toISOString() as typeof made
    const destroy = (after: number) => afterStep(entries, { verb: 'destroy', id: 'k', at: at(after) })
    expect(() => destroy(restingTime - 1)).toThrow(conflict)
    expect(() => destroy(-restingTime)).toThrow(conflict)
    expect(destroy(restingTime)[1]).toMatchObject({ status: 'destroyed' })
  })

  it('whatever is done in whatever order: one key is primary, no id comes twice, what is destroyed stays so', () => {
    const steps = fc.array(
      fc.tuple(fc.constantFrom(...verbs), fc.constantFrom('a', 'b', 'c', 'd'), fc.nat(2 * restingTime)),
    )
    fc.assert(
      fc.property(steps, (all) => {
        let entries = firstEntries([{ id: 'a', commitment: 'c' }], made)
        let now = Date.parse(made)
        for (const [verb, id, passed] of all) {
          now += passed
          const destroyed = entries.filter(({ status }) => status === 'destroyed')
          try {
            entries = afterStep(entries, {
              verb,
              id,
              at: new Date(now).toISOString() as never,
              commitment: 'c',
            })
          } catch (error) {
            expect(error).toMatchObject({ code: 'conflict.state', record: id })
          }
          expect(keyringParser.safeParse({ entries }).success).toBe(true)
          expect(entries).toEqual(expect.arrayContaining(destroyed))
        }
      }),
    )
  })
})

describe('a keyring', () => {
  it('begins with the first key as primary and the others unwrapping', () => {
    const keys = ['a', 'b', 'c'].map((id) => ({ id, commitment: `of ${id}` }))
    const entries = firstEntries(keys, made)
    expect(entries.map(({ id, status }) => [id, status])).toEqual([
      ['a', 'primary'],
      ['b', 'active'],
      ['c', 'active'],
    ])
    expect(primaryOf(entries).id).toBe('a')
  })

  it.each([
    ['no primary', [entry('a', 'active')]],
    ['two primaries', [entry('a', 'primary'), entry('b', 'primary')]],
    ['an id twice', [entry('a', 'primary'), entry('a', 'active')]],
    ['no keys', []],
    ['a status that does not exist', [entry('a', 'primary'), { ...entry('b', 'active'), status: 'asleep' }]],
    ['no commitment', [{ ...entry('a', 'primary'), commitment: undefined }]],
  ])('with %s is none', (_, entries) => {
    expect(keyringParser.safeParse({ entries }).success).toBe(false)
  })

  it('unwraps under keys that are primary, active or decrypt-only', () => {
    expect(keyStatuses.filter(mayUnwrap)).toEqual(['primary', 'active', 'decrypt-only'])
  })
})

describe('wrap budget', () => {
  it.each([
    [0, wrapBlock],
    [wrapLimit - wrapBlock, wrapBlock],
    [wrapLimit - 1, 1],
  ])('of %d reserved, %d more', (reserved, more) => {
    expect(grantOf('k', reserved)).toBe(more)
  })

  it.each([wrapLimit, wrapLimit + 1])('of %d reserved, none: at 2^31 it is refused', (reserved) => {
    expect(wrapLimit).toBe(2_147_483_648)
    expect(() => grantOf('k', reserved)).toThrow(conflict)
  })
})
