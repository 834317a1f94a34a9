import { describe, expect, it } from 'vitest'
import { brokenTwins } from '../../src/testing/index.ts'
import { memoryFactory } from './memory.ts'
import { broken, caught, wholeKit } from './twins.ts'

describe('the kit', () => {
  it('passes on a store that is whole', async () => {
    const kit = wholeKit(memoryFactory())
    expect(await kit.run()).toEqual({ passed: kit.names().length, failed: [] })
  })

  it('has a twin for each of its cases, and a case for each of its twins', () => {
    const promises = wholeKit(memoryFactory())
      .names()
      .map((name) => name.slice(0, name.indexOf(':')))
    expect(new Set(brokenTwins.map((twin) => twin.promise))).toEqual(new Set(promises))
    expect(new Set(promises).size).toBe(promises.length)
    expect(new Set(brokenTwins.map((twin) => twin.name)).size).toBe(brokenTwins.length)
  })

  it.each(brokenTwins.map((twin) => [twin.name, twin] as const))('fails where %s', async (_, twin) => {
    const { passed, failed } = await caught(twin, memoryFactory())
    expect({ passed, failed: failed.map((each) => each.name.split(':')[0]) }).toEqual({
      passed: 0,
      failed: [twin.promise],
    })
  })

  it('names the promise also when all of it is run', async () => {
    const [twin] = brokenTwins.filter((each) => each.name === 'a remove removes nothing')
    expect(twin).toBeDefined()
    if (twin === undefined) return
    const { failed } = await wholeKit(broken(twin, memoryFactory())).run()
    expect(failed.map((each) => each.name)).toContain(
      'remove: the record of that version is gone, and no other',
    )
  })
})
