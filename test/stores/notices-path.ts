/** Notices on a real database: two processes tell the same people at once, and one of them is cut off. */

import { type Store, StoreFailure } from '@pilvi/privacy'
import { expect } from 'vitest'
import { by, collect, ids, scene } from '../notices/scene.ts'

/**
 * Walks the path.
 * @param dump everything that the database holds, as texts
 */
export async function tellsEverybodyOnce(
  store: Store,
  dump: () => Promise<readonly string[]>,
): Promise<void> {
  const people = ids(40)
  let isCut = false
  // What the sender took is never put on record by this process: it ends in between.
  const cutOff = (each: Store): Store => ({
    ...each,
    async commit(changes) {
      if (isCut) throw new StoreFailure('store.unavailable', 'cut off')
      await each.commit(changes)
    },
  })
  const dying = scene({
    ...{ store, seed: 1, aroundStore: cutOff },
    async onSend() {
      isCut = dying.sent.length === 3
    },
  })
  await dying.enrol(people)
  const published = await Promise.all(
    [dying, scene({ store, seed: 9 })].map(({ policies }) => policies.publish(by)),
  )
  expect(published[1]).toEqual(published[0])
  expect(await dying.notices.send({ channel: 'email' }).catch(({ code }) => code)).toBe('store.unavailable')
  expect(dying.sent).toHaveLength(4)

  const [one, other] = [2, 3].map((seed) => scene({ store, seed }))
  if (!one || !other) throw new Error('no processes')
  expect((await one.due()).flat()).toEqual(people.slice(3))
  await Promise.all([one, other].map(({ notices }) => notices.send({ channel: 'email' })))
  const told = [dying, one, other].flatMap(({ sent }) => sent)
  expect(told.map(({ subject }) => subject).sort()).toEqual(people)
  // Whom the dying process was telling is told again once its claim has lapsed, with the same key.
  expect((await one.due()).flat()).toEqual(people.slice(3, 4))
  for (const { environment } of [one, other]) environment.advance(10 * 60_000)
  await Promise.all([one, other].map(({ notices }) => notices.send({ channel: 'email' })))
  const again = [...one.sent, ...other.sent].filter(({ subject }) => subject === people[3])
  expect(again.map(({ key }) => key)).toEqual([dying.sent[3]?.key])

  expect(await one.due()).toEqual([])
  expect((await one.acts('notices.')).length).toBe(people.length)
  for (const subject of people)
    expect((await collect(other.notices.list(subject)))[0]?.acts).toMatchObject([{ kind: 'told' }])
  expect((await dump()).filter((row) => /kind\W+told\W/.test(row)).length).toBeGreaterThanOrEqual(
    people.length,
  )
  expect((await one.privacy.ledger.verify()).outcome).toBe('intact')
}
