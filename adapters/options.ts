/** The options that every store in a database takes; the adapters add the names of what they make. */

import type { Collection } from '../src/store.ts'
import type { PlaintextConsent } from './plaintext.ts'

/** What a store in a database is made of. */
export interface DatabaseOptions {
  /** What it keeps; all that the library keeps, if not given. */
  readonly collections?: readonly Collection[]
  /** Allows a connection that is not encrypted to a host that is not this machine. */
  readonly allowPlaintext?: PlaintextConsent
}
