/**
 * The Source port: a place where personal data are kept, and what can be done about one person there.
 *
 * The library's own data are sources too. A source says under which category of the policy each field falls; what an
 * erasure keeps of a row is decided outside, per field, and handed in.
 */

import type { Instant } from './environment.ts'
import type { Text } from './policy/model.ts'
import type { JsonValue } from './store.ts'

/** By what a person is found. */
export interface IdentityKeys {
  /** The host's id of the person. */
  readonly subject: string
  /** Sessions known to be this person's; visits cannot be attributed otherwise. */
  readonly sessions: readonly string[]
  /** The request on whose behalf it is asked: its own record is left to its own end. */
  readonly request: string
}

/** What a source holds about a person, in one place. */
export interface Row {
  /** Names the row within its source, opaque to everybody else. */
  readonly id: string
  readonly values: Readonly<Record<string, JsonValue>>
  /** When it was recorded: retention and exemptions count from it. */
  readonly recordedAt: Instant
  /** Where the data came from, where the source knows. */
  readonly origin?: string
}

/** What is to become of a row: it goes, but for the fields that must be kept. */
export interface Erasure {
  readonly row: string
  readonly keep: readonly string[]
}

/** The port. */
export interface Source {
  /** `[a-z][a-z0-9-]*`, unique. */
  readonly name: string
  readonly label: Text
  /** The category of the policy that a field of a row falls under. */
  category(field: string, row: Row): string
  /** What people call a field; absent where its name says enough. */
  labelOf?(field: string, row: Row): Text | undefined
  /** What is held about a person, in pages. */
  find(keys: IdentityKeys): AsyncIterable<readonly Row[]>
  /**
   * Erases these rows of a person but for the fields to keep. Doing it again changes nothing, so a step that was cut
   * off is simply done again. Whoever reads the source anew finds what was kept and nothing else.
   * @throws StoreFailure
   */
  erase(keys: IdentityKeys, erasures: readonly Erasure[]): Promise<void>
  /** What of a person's data a source has given a contact address for: e-mail addresses and phone numbers. */
  contacts?(row: Row): readonly string[]
}
