/**
 * Runs a suite without a test framework and says what passed and what failed: for proving that the kit fails on an
 * adapter that is broken.
 */

import type { Runner } from './conformance/scene.ts'

/** How a run went. */
export interface Recording {
  readonly passed: number
  readonly failed: readonly { readonly name: string; readonly error: unknown }[]
}

/** A runner that keeps cases until they are run. */
export interface RecordingRunner extends Runner {
  /** The names of the cases that were registered. */
  names(): readonly string[]
  /** Runs the cases one after another; those whose name `only` refuses are left out. */
  run(only?: (name: string) => boolean): Promise<Recording>
}

/** A runner without a test framework. */
export function recordingRunner(): RecordingRunner {
  const cases: { readonly name: string; body(): Promise<void> }[] = []
  return {
    describe: (_name, body) => body(),
    it: (name, body) => {
      cases.push({ name, body })
    },
    names: () => cases.map((each) => each.name),
    async run(only = () => true) {
      const failed: { name: string; error: unknown }[] = []
      const wanted = cases.filter((each) => only(each.name))
      for (const { name, body } of wanted) {
        await body().catch((error: unknown) => failed.push({ name, error }))
      }
      return { passed: wanted.length - failed.length, failed }
    },
  }
}
