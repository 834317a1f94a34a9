/**
 * The Source port: a place where personal data are kept, and what can be done about one person there.
 *
 * The library's own data are sources too. A source says of each field under which category of the policy it falls and
 * since when it is there; what an erasure keeps of a row is decided outside, per field, and handed in.
 */

import type { Instant } from './environment.ts'
import type { Text } from './policy/model.ts'
import type { Change, JsonValue } from './store.ts'

/** By what a person is found. */
export interface IdentityKeys {
  /** The host's id of the person. */
  readonly subject: string
  /** Sessions known to be this person's; visits cannot be attributed otherwise. */
  readonly sessions: readonly string[]
  /** The request on whose behalf it is erased: its own record is left to its own end. */
  readonly request?: string
  /** The erasure whose kept rows are meant, that were set aside when the person was reopened; absent: all other rows. */
  readonly aside?: string
  /** The person is to read what is found: what must be kept from them for now is left out, even that it is there. */
  readonly audience?: 'subject'
}

/** A field of a row. */
export interface Held {
  readonly name: string
  /** The category under which it was written down; a later policy does not move what is there. */
  readonly category: string
  /** When it was recorded: retention and exemptions count from it. */
  readonly recordedAt: Instant
  /** Where it came from, where the source knows. */
  readonly origin?: string
  /** What people call it; absent where its name says enough. */
  readonly label?: Text
  /** Absent where only the outline was asked for. */
  readonly value?: JsonValue
  /** The person is not to learn of it for now: it is kept or erased like all else, and no plan, report or receipt names it. */
  readonly withheld?: true
}

/** What a source holds about a person, in one place. */
export interface Row {
  /** Names the row within its source, opaque to everybody else. */
  readonly id: string
  readonly fields: readonly Held[]
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
  /**
   * What is held about a person, in pages. The `outline` opens no value: what is to be erased need not be read. With
   * `values` a row that can only go as a whole may come in parts, so that no page is large; they are for the person to
   * read.
   */
  find(keys: IdentityKeys, wanted: 'outline' | 'values'): AsyncIterable<readonly Row[]>
  /**
   * Erases these rows of a person but for the fields to keep. Doing it again changes nothing, so a step that was cut
   * off is simply done again. Whoever reads the source anew finds what was kept and nothing else.
   * @throws StoreFailure
   */
  erase(keys: IdentityKeys, erasures: readonly Erasure[]): Promise<void>
  /**
   * The next changes that set a kept row of an erased person aside, so that nobody finds it but who names `aside`, and
   * something new can take its place; at most 450, and none once nothing is left where it was. `unneeded`: nothing new
   * can take a row's place. Absent: this source cannot do it, and nobody is reopened of whom it keeps something.
   */
  readonly setAside?:
    | 'unneeded'
    | ((keys: IdentityKeys & { readonly aside: string }, row: string) => Promise<readonly Change[]>)
  /** The e-mail addresses and phone numbers that the person has or had here. */
  contacts?(keys: IdentityKeys): AsyncIterable<string>
}
