/** Runs the cases of the kit that have to catch a twin, on stores that the twin has broken. */

import type { BrokenTwin, Recording, RecordingRunner, StoreFactory } from '../../src/testing/index.ts'
import { recordingRunner, storeConformance, visitLogConformance } from '../../src/testing/index.ts'

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

/** How the cases about a twin's promise go with it. */
export const caught = (twin: BrokenTwin, factory: StoreFactory): Promise<Recording> =>
  wholeKit(broken(twin, factory)).run((name) => name.startsWith(`${twin.promise}:`))
