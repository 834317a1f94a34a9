/**
 * The Store port: everything the library keeps goes through three verbs.
 *
 * There is no query language, no OR, no join and no interactive transaction, because those are where adapters come
 * to differ. Concurrency is optimistic only: read, decide, commit with what you expect, retry a bounded number of
 * times, fail closed.
 *
 * What every adapter promises, and the conformance kit (`@pilvi/privacy/testing`) proves:
 *
 * 1. Values are JSON values, returned equal to what was given under RFC 8785; the strings `"123"` and `"true"` come
 *    back as strings. Whoever needs exact bytes stores them as a string.
 * 2. Keys are strings `tenant/part/part…`, made with `key` of `values/key.ts`. No call exists without a tenant.
 *    Anything that is not such a string is refused with `input.invalid` before a driver sees it.
 * 3. Key order is the order of the keys' UTF-8 bytes, on every adapter.
 * 4. A commit is applied wholly or not at all, and never partly seen by a `get`.
 * 5. Of N writers with the same expectation exactly one wins; the others get `Conflict`.
 */

/** A value that JSON can carry: no `undefined`, `NaN`, infinities, dates, or strings with NUL or lone surrogates. */
export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue }

/** A collection the library keeps: named records, or append-only streams. */
export interface Collection {
  /** `[a-z][a-z0-9_]{0,39}`. */
  readonly name: string
  readonly kind: 'records' | 'streams'
  /**
   * Index name -> the top-level fields of the value it orders by, records only. Indexed fields hold strings of at
   * most 512 bytes; a record that lacks one of the fields, or holds anything but a string there, is not in the
   * index. Ties are ordered by key.
   */
  readonly indexes: Readonly<Record<string, readonly string[]>>
}

/** What is stored under a key. */
export interface Versioned {
  readonly key: string
  /**
   * Records: a positive safe integer that grows with every put; a record made anew after a removal gets a version
   * that no earlier record under that key had. Streams: the entry's sequence number, 1, 2, 3 …
   */
  readonly version: number
  readonly value: JsonValue
}

/** Names one record, or one stream. */
export interface Ref {
  readonly collection: string
  readonly key: string
}

/** Part of a collection, within one tenant. */
export type Range =
  /** Records whose key begins with `prefix` (a whole key prefix, `tenant/…`), in key order. */
  | { readonly prefix: string; readonly after?: string; readonly limit?: number }
  /** Records in the order of an index: leading fields equal `equals`, the next one in `[from, before)`. */
  | {
      readonly tenant: string
      readonly index: string
      readonly equals?: readonly string[]
      readonly from?: string
      readonly before?: string
      /** The last record seen: the scan resumes after the place where it stood. */
      readonly after?: Pick<Versioned, 'key' | 'value'>
      readonly limit?: number
    }
  /** The entries of one stream, in sequence, those after sequence `after`. */
  | { readonly stream: string; readonly after?: number; readonly limit?: number }

/** One change of a commit; each names what it expects to find. */
export type Change =
  /** Makes (`'absent'`) or replaces (the version that was read) a record. */
  | { readonly put: Ref; readonly value: JsonValue; readonly expect: number | 'absent' }
  /** Removes a record of that version; of a stream whose last sequence is `expect`, the entries up to `through`. */
  | { readonly remove: Ref; readonly expect: number; readonly through?: number }
  /**
   * Adds an entry to a stream: `expect` is the sequence number it is to have. `id` is unique in its stream, and
   * repeating an append that took place, with the same value and expectation, succeeds and changes nothing.
   */
  | { readonly append: Ref; readonly id: string; readonly value: JsonValue; readonly expect: number }

/** What a migration would do, in words and in the store's own language; making one writes nothing. */
export interface Migration {
  readonly from: number
  readonly to: number
  readonly steps: readonly { readonly says: string; readonly statement: string }[]
  /** What stands in its way, in words: a newer database, a wrong encoding, a privilege that is missing … */
  readonly blocked: readonly string[]
  /** What whoever runs this store should know of it, in words; absent where there is nothing to say. */
  readonly notes?: readonly string[]
}

/** A record, or an entry of a stream, as it is copied from one store to another. */
export interface BulkRow {
  readonly key: string
  readonly value: JsonValue
  /** Where an entry stands in its stream; absent of a record. */
  readonly entry?: { readonly sequence: number; readonly id: string }
}

/**
 * All that a store keeps, of every tenant: for copying, and for the keyring, which wraps every tenant's keys anew. No
 * tenant's API reaches it.
 * Visits are copied by `visits`, tenant by tenant.
 */
export interface Bulk {
  /** The collections this store was made for. What else lies in the database is not seen. */
  readonly collections: readonly Collection[]
  /**
   * The rows of a collection, in batches: records in order of keys, entries in order of their streams' keys, then
   * sequence. Each that is there unchanged for the whole time is seen exactly once.
   * @throws InvalidInput `input.invalid`; StoreFailure
   */
  read(collection: string): AsyncIterable<BulkRow[]>
  /**
   * Makes the rows that are not there, at most 500, and leaves those that are as they are, so that it may be done
   * again. A record gets a version of its own; an entry keeps its sequence number and id, and a stream may begin at
   * any number. A stream's last entry is the one of the highest number; a stream is whole when all of it was written.
   * @throws InvalidInput `input.invalid`, `input.too-large`, whose `path` `changes[i]` is the i-th row; StoreFailure
   */
  write(collection: string, rows: readonly BulkRow[]): Promise<void>
  /** The tenants that have visits, in order. */
  tenants(): Promise<string[]>
}

/** The port. */
export interface Store {
  /** Names the adapter in messages, for example `postgres`. */
  readonly name: string
  /**
   * What is stored under each key, in the order of the keys, `null` where there is nothing. For a stream: its last
   * entry. At most 1,000 keys.
   * @throws InvalidInput `input.invalid`, `input.too-large`; StoreFailure
   */
  get(collection: string, keys: readonly string[]): Promise<(Versioned | null)[]>
  /**
   * The records of a range, in order. A record that exists unchanged for the whole scan is seen exactly once,
   * whatever else is written meanwhile; a record may be changed or removed while the scan stands on it.
   * @throws InvalidInput `input.invalid` (an index or collection that is not declared); StoreFailure
   */
  scan(collection: string, range: Range): AsyncIterable<Versioned>
  /**
   * Applies all of the changes or none. At most 500, no two to the same record or, of a stream, to the same
   * sequence; each value at most 1 MB as JSON.
   * @throws Conflict `conflict.version`, whose `path` is `changes[i]` with i the first expectation, in the caller's
   *   order, that did not hold; InvalidInput; StoreFailure (`store.outcome-unknown`: read before trying again)
   */
  commit(changes: readonly Change[]): Promise<void>
  /** Makes what the collections need; safe when two processes start at once; never drops data. */
  readonly migrate: {
    /** Writes nothing. What stands in the way is said in `blocked`. @throws StoreFailure `store.unavailable` */
    plan(): Promise<Migration>
    /**
     * Applies a migration that was read. What another process has done meanwhile is not done again.
     * @throws StoreFailure `store.unsupported` where something stands in its way, when it was made or now
     * @throws Conflict `conflict.plan` where something is left to do that it does not say
     */
    apply(migration: Migration): Promise<void>
  }
  /** The raw log of visits. */
  readonly visits: VisitLog
  /** What copying works with; it knows no tenant. */
  readonly bulk: Bulk
  /**
   * The same data inside a transaction of the host's own, which is open on the connection `client`: reads see what the
   * transaction wrote, each commit is a savepoint of it, and the host alone commits. Absent where a store cannot.
   * Commits hold only what `isTransactional` of `collections.ts` allows; visits and migrations are refused.
   * @throws InvalidInput `transaction.not-allowed`, of the calls of what it gives
   */
  within?(client: object): Store
  /** Releases what the adapter opened itself (never the host's pool). Later calls throw `store.closed`. */
  close(): Promise<void>
}

/** One visit as it is kept, raw, for administration only (Pilvi policy, "Use log"). */
export interface StoredVisit {
  readonly id: string
  readonly at: string
  readonly session: string
  readonly ip: string | null
  readonly host: string | null
  readonly source: string | null
}

/**
 * The one high-volume path, with a port of its own. Times are instants with three decimals; ranges are `[from, before)`.
 * A tenant sees its own visits only.
 */
export interface VisitLog {
  /**
   * Keeps a batch of at most 10,000 visits; one of the same time and id is not kept twice. Of a batch that failed some
   * may have been kept: it can be given again, and so it can after an unknown outcome. No visits: nothing is done.
   * @throws InvalidInput `input.invalid`, `input.too-large`; StoreFailure
   */
  append(tenant: string, visits: readonly StoredVisit[]): Promise<void>
  /**
   * The visits of a time range, in batches that are not empty; in order of time, then id. No batch where there are none.
   * @throws InvalidInput `input.invalid`; StoreFailure
   */
  read(
    tenant: string,
    range: { readonly from: string; readonly before: string },
  ): AsyncIterable<StoredVisit[]>
  /**
   * Removes every visit before an instant. Doing it again removes none.
   * @throws InvalidInput `input.invalid`; StoreFailure
   */
  purge(tenant: string, before: string): Promise<void>
  /**
   * Removes the visits of every tenant before an instant, and says whether there were any. Whole days (UTC) go at a
   * cost that does not depend on how many visits they hold. A visit of such a day that is appended meanwhile is either
   * kept or removed with the rest; its append succeeds. For the controller alone.
   * @throws InvalidInput `input.invalid`; StoreFailure
   */
  purgeAll(before: string): Promise<boolean>
  /**
   * The visits of these sessions, in batches that are not empty: for a person's export and erasure. At most 1,000
   * sessions; no batch where there are no visits.
   * @throws InvalidInput `input.invalid`, `input.too-large`; StoreFailure
   */
  find(tenant: string, sessions: readonly string[]): AsyncIterable<StoredVisit[]>
  /**
   * Removes the visits of these sessions and says how many there were. Doing it again removes none.
   * @throws InvalidInput `input.invalid`, `input.too-large`; StoreFailure
   */
  erase(tenant: string, sessions: readonly string[]): Promise<number>
}
