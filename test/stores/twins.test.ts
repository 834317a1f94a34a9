import { describe, expect, it } from 'vitest'
import { brokenTwins, recordingRunner, storeConformance } from '../../src/testing/index.ts'
import { memoryFactory } from './memory.ts'
import { broken, failsOnEveryTwin, wholeKit } from './twins.ts'

/** Cases that take longer than most. */
const heavy =
  /^(a full batch|odd values|long keys|read |purge many|find s|limit|after|scan |index scan|get many|as many|bad input)/

describe('the kit', () => {
  it('passes on a store that is whole', async () => {
    const kit = wholeKit(memoryFactory())
    expect(await kit.run()).toEqual({ passed: kit.names().length, failed: [] })
  })

  it('passes where a fixture cannot open a second store', async () => {
    const kit = wholeKit(async (needs) => {
      const { open: _, ...fixture } = await memoryFactory()(needs)
      return fixture
    })
    expect((await kit.run()).failed).toEqual([])
  })

  it('has a twin for each of its cases, and a case for each of its twins', () => {
    const promises = wholeKit(memoryFactory())
      .names()
      .map((name) => name.slice(0, name.indexOf(':')))
    expect(new Set(brokenTwins.map((twin) => twin.promise))).toEqual(new Set(promises))
    expect(new Set(promises).size).toBe(promises.length)
    expect(new Set(brokenTwins.map((twin) => twin.name)).size).toBe(brokenTwins.length)
  })

  failsOnEveryTwin(memoryFactory())

  it.each(brokenTwins.map((twin) => [twin.name, twin] as const))(
    'goes on working where %s',
    async (_, twin) => {
      const kit = wholeKit(broken(twin, memoryFactory()))
      const { passed, failed } = await kit.run((name) => !heavy.test(name))
      expect(passed).toBeGreaterThan(failed.length)
    },
  )

  it('closes what it opened, also where a case fails', async () => {
    let open = 0
    const runner = recordingRunner()
    storeConformance({
      runner,
      factory: async (needs) => {
        open++
        const fixture = await memoryFactory()(needs)
        const close = async (): Promise<void> => {
          open--
          await fixture.close()
        }
        return { ...fixture, peek: async () => null, close }
      },
    })
    const { failed } = await runner.run()
    expect(failed.length).toBeGreaterThan(10)
    expect(open).toBe(0)
  })
})
