/** Nothing that changes in a policy goes unnoticed: every change at one place, and any few of them together. */

import { diffPolicy, type Policy, type PolicyChange, parsePolicy, policyDigest } from '@pilvi/privacy'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mutated, mutationsOf } from './mutations.ts'
import { sound } from './sound.ts'

/** The places at which two policies differ. */
function differing(a: unknown, b: unknown, at: readonly string[] = []): string[] {
  if (JSON.stringify(a) === JSON.stringify(b)) return []
  const named = [a, b].every((each) => typeof each === 'object' && each !== null && !Array.isArray(each))
  if (!named) return [at.join('.')]
  const [x, y] = [Object(a), Object(b)]
  return [...new Set([...Object.keys(x), ...Object.keys(y)])].flatMap((name) =>
    differing(x[name], y[name], [...at, name]),
  )
}

/** The entry of the policy that a path lies in. */
const entryOf = (path: string): string => path.split('.').slice(0, 2).join('.')

const within = (path: string, place: string): boolean => path === place || path.startsWith(`${place}.`)

/** What is told elsewhere than where it stands, and there alone. */
const elsewhere = (path: string): string[] => [
  ...(path === 'date' ? ['version'] : []),
  ...(/^publications\.(rawHours|keepMonths)$/.test(path) ? ['retention'] : []),
  ...(/^retention\.[^.]+$/.test(path) ? [path.replace('retention', 'categories')] : []),
  ...(path.endsWith('.says') ? [path.replace(/says$/, 'keep'), path.replace(/says$/, 'rule')] : []),
  ...(/^recipients\..*\.(certification|organisation)/.test(path)
    ? [path.replace(/(certification|organisation).*/, 'transfer')]
    : []),
  ...(/^recipients\..*\.(purposes|grounds)$/.test(path)
    ? [path.replace(/purposes|grounds/, 'fields'), path.replace('grounds', 'purposes')]
    : []),
]

/** The differences of which nothing is told. */
const unnoticed = (before: Policy, after: Policy, changes: readonly PolicyChange[]): string[] =>
  differing(before, after).filter(
    (path) =>
      !changes.some(({ path: told }) => within(path, told) || within(told, path)) &&
      !elsewhere(path).some((place) => changes.some(({ path: told }) => within(told, place))),
  )

const isSound = ({ says, direction, needsConsent, clause, path }: PolicyChange): boolean =>
  [says.en, says.fi ?? 'in English only'].every(
    (text) => text !== '' && !/[{}]|undefined|\[object/.test(text),
  ) &&
  ['for', 'against', 'unclear'].includes(direction) &&
  typeof needsConsent === 'boolean' &&
  [clause, path].every((text) => text.length > 0)

describe('of a policy', () => {
  const policy = parsePolicy(sound)

  it('every change at one place is told of', () => {
    const all = mutationsOf(policy).flatMap(({ path, how, apply }) => {
      const after = mutated(policy, [apply])
      return after === null ? [] : [{ name: `${path} ${how}`, after }]
    })
    expect(all.length).toBeGreaterThan(500)
    const missed = all.filter(({ after }) => {
      const [there, back] = [diffPolicy(policy, after), diffPolicy(after, policy)]
      return (
        [there, back].some((changes) => changes.length === 0 || !changes.every(isSound)) ||
        [...unnoticed(policy, after, there), ...unnoticed(after, policy, back)].length > 0
      )
    })
    expect(missed.map(({ name }) => name)).toEqual([])
  }, 60_000)

  it.each([
    ['the sound policy', sound],
    ['the Pilvi policy', pilviPolicy as Policy],
  ])(
    'any few changes of %s together are all told of, and no change where there is no difference',
    (_, given) => {
      const policy = parsePolicy(given)
      const all = mutationsOf(policy)
      fc.assert(
        fc.property(fc.array(fc.constantFrom(...all), { minLength: 1, maxLength: 4 }), (some) => {
          const after = mutated(
            policy,
            some.map(({ apply }) => apply),
          )
          fc.pre(after !== null)
          const changes = diffPolicy(policy, after)
          expect(changes.length === 0).toBe(policyDigest(policy) === policyDigest(after))
          expect(unnoticed(policy, after, changes)).toEqual([])
          expect(changes.filter((change) => !isSound(change))).toEqual([])
          // A transfer opens because its country or certification changed, a version by its date.
          const differences = differing(policy, after)
          const isThere = ({ path }: PolicyChange) =>
            path === 'version' ||
            differences.some((at) => within(at, path) || within(path, at) || entryOf(at) === entryOf(path))
          expect(changes.filter((change) => !isThere(change))).toEqual([])
        }),
        { numRuns: 100 },
      )
    },
    60_000,
  )
})
