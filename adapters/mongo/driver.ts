/** The driver as this adapter needs it, described by its shape: `mongodb` is never imported. */

/** A document as the driver gives it. */
export type Doc = Readonly<Record<string, unknown>>

/** A session of the driver: at most one transaction at a time; ended whatever became of it. */
export interface MongoSession {
  startTransaction(options?: object): void
  commitTransaction(): Promise<unknown>
  abortTransaction(): Promise<unknown>
  endSession(): Promise<unknown>
}

/** What a query of the driver gives. */
export interface MongoCursor {
  toArray(): Promise<Doc[]>
  next(): Promise<Doc | null>
  /** What the server has sent beyond what was given. */
  readBufferedDocuments(): Doc[]
  close(): Promise<unknown>
}

/**
 * A collection of the driver. Options carry the session and the concerns; a call rejects with an error whose `code` is
 * the server's, where the server answered.
 */
export interface MongoCollection {
  find(filter: Doc, options?: object): MongoCursor
  insertOne(doc: Doc, options?: object): Promise<unknown>
  insertMany(docs: Doc[], options?: object): Promise<unknown>
  updateOne(filter: Doc, update: Doc, options?: object): Promise<{ readonly matchedCount: number }>
  deleteOne(filter: Doc, options?: object): Promise<{ readonly deletedCount: number }>
  deleteMany(filter: Doc, options?: object): Promise<{ readonly deletedCount: number }>
  bulkWrite(
    operations: readonly Doc[],
    options?: object,
  ): Promise<{ readonly insertedCount: number; readonly matchedCount: number; readonly deletedCount: number }>
  createIndex(keys: Readonly<Record<string, 1>>, options?: object): Promise<string>
  listIndexes(): { toArray(): Promise<Doc[]> }
  drop(options?: object): Promise<unknown>
}

/** What this adapter needs of a database; the `Db` of `mongodb` fits. */
export interface MongoDatabase {
  collection(name: string, options?: object): MongoCollection
  /** Rejects with code 48 where it is there. */
  createCollection(name: string, options?: object): Promise<unknown>
  listCollections(filter: Doc, options?: object): { toArray(): Promise<Doc[]> }
  /** Runs a command of the database, for example `{ hello: 1 }`. */
  command(command: Doc, options?: object): Promise<Doc>
  readonly client: { startSession(): MongoSession }
}
