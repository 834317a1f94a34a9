/**
 * `@pilvi/privacy/node`: what needs files, for Node alone. The rest of the library runs without them.
 *
 * @packageDocumentation
 */

export { type FileCheckpoints, fileCheckpoints } from './checkpoints.ts'
