/** Runs the cases of the kit that have to catch a twin, on stores that the twin has broken. */

import { expect, it } from 'vitest'
import type { BrokenTwin, RecordingRunner, StoreFactory } from '../../src/testing/index.ts'
import {
  brokenTwins,
  recordingRunner,
  storeConformance,
  visitLogConformance,
} from '../../src/testing/index.ts'

/** The whole kit, without a test framework. */
export function wholeKit(factory: StoreFactory): RecordingRunner {
  const runner = recordingRunner()
  storeConformance({ runner, factory })
  visitLogConformance({ runner, factory })
  return runner
}

/** A factory whose stores are broken alike. */
export const broken =
  (twin: BrokenTwin, factory: StoreFactory): StoreFactory =>
  async (needs) => {
    const { store, open, ...fixture } = await factory(needs)
    return {
      ...fixture,
      store: twin.break(store),
      ...(open && { open: async (collections) => twin.break(await open(collections)) }),
    }
  }

/**
 * Registers a test for each twin: the case about its promise fails. That it passes on the store as it is, is for the
 * same file to show.
 */
export function failsOnEveryTwin(factory: StoreFactory): void {
  it.each(brokenTwins.map((twin) => [twin.name, twin] as const))('fails where %s', async (_, twin) => {
    const isAboutIt = (name: string): boolean => name.startsWith(`${twin.promise}:`)
    const { passed, failed } = await wholeKit(broken(twin, factory)).run(isAboutIt)
    expect({ passed, failed: failed.map((each) => each.name.split(':')[0]) }).toEqual({
      passed: 0,
      failed: [twin.promise],
    })
  })
}
