/**
 * `@pilvi/privacy/testing`: what proves a store adapter, and time and chance for tests. Harmless in a test run and of
 * no use anywhere else.
 */

export { type BadCall, badInput } from './conformance/bad-input.ts'
export { type ConformanceOptions, storeConformance, visitLogConformance } from './conformance/index.ts'
export type { Peeked, PeekedEntry, Runner, StoreFactory, StoreFixture } from './conformance/scene.ts'
export { fixedEnvironment, type TestEnvironment } from './environment.ts'
export { type Recording, type RecordingRunner, recordingRunner } from './recording.ts'
export { brokenTwins } from './twins/index.ts'
export type { BrokenTwin } from './twins/twin.ts'
