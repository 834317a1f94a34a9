/**
 * What can go wrong, chosen by what the caller must do about it. What the law foresees (denied, refused, kept,
 * locked) is a value and never an error.
 *
 * A message names the field path and the record's id, never the value: values are personal data (design §5.8).
 * Drivers put values into their messages, so a `cause` stays in the process: it is not enumerable, and neither
 * `toJSON` nor what Node prints of an error holds it.
 */

/** Every code there is. The set is closed; `test/errors.test.ts` pins it. */
export type ErrorCode =
  | InvalidInputCode
  | NotAuthorisedCode
  | NotFoundCode
  | ConflictCode
  | StoreFailureCode
  | IntegrityFailureCode

/** The call is wrong and will stay wrong. */
export type InvalidInputCode =
  | 'input.invalid' // a value is missing, malformed or out of range
  | 'input.too-large' // a value, a batch or a file is over its stated limit
  | 'input.not-in-policy' // a purpose, group, category or recipient the policy does not name
  | 'policy.invalid' // the policy does not parse, or a part contradicts another
  | 'policy.untranslated' // a text is missing in the language that was asked for
  | 'tenant.not-allowed' // this act belongs to the controller's tenant, or to a customer's
  | 'transaction.not-allowed' // this act cannot be part of a transaction that the host may roll back
/** Who asks has not been shown to be allowed. */
export type NotAuthorisedCode =
  | 'proof.missing' // this act needs a step-up proof, or a second operator
  | 'proof.rejected'
/** What was named does not exist (and asking again will not make it). */
export type NotFoundCode = 'record.missing'
/** The world moved since the caller read it. */
export type ConflictCode =
  | 'conflict.version' // an expectation of a commit did not hold
  | 'conflict.contended' // retried for ten seconds and still lost every race
  | 'conflict.state' // the request, factor or key is not in a state that allows this act
  | 'conflict.plan' // the plan is stale, or not the one that was made
  | 'conflict.erased' // the subject was erased; nothing about it is taken until its tombstone has gone
/** The store, or the host's sender, could not do it. `retryable` says whether waiting helps. */
export type StoreFailureCode =
  | 'store.unavailable'
  | 'store.outcome-unknown' // the acknowledgement was lost: read before trying again
  | 'store.unsupported' // this server cannot keep the port's promises (no multi-change commits, …)
  | 'store.not-migrated'
  | 'store.insecure' // plaintext to a host that is not loopback
  | 'store.closed'
  | 'sender.failed' // the host's sender did not take a message
/** Something is not what it was when it was written. Stop. */
export type IntegrityFailureCode =
  | 'seal.rejected' // a sealed value does not open under this context
  | 'record.corrupt' // a stored record does not parse as what it should be
  | 'ledger.broken'
  | 'guard.tripped' // an identifier was about to be published
  | 'erasure.residue' // reading back found data that should be gone
  | 'copy.differs' // the two sides of a copy do not hold the same

/** Where and why; never a personal value. */
export interface ErrorDetails {
  /** The path of the offending field, for example `visits[3].at`. */
  readonly path?: string
  /** The id of the record concerned. */
  readonly record?: string
  /** The underlying error; stays in this process. */
  readonly cause?: unknown
}

/** Under this name Node looks for what it is to print; other runtimes do not ask. */
const printed: unique symbol = Symbol.for('nodejs.util.inspect.custom')

/** The base of everything this library throws. */
export abstract class PrivacyError extends Error {
  /** The name of the class, whatever a bundler has made of it. */
  abstract override readonly name: string
  readonly code: ErrorCode
  /** Whether the same call may succeed later without being changed. */
  readonly retryable: boolean
  declare readonly path?: string
  declare readonly record?: string

  constructor(code: ErrorCode, message: string, retryable: boolean, details: ErrorDetails = {}) {
    super(message)
    this.code = code
    this.retryable = retryable
    if (details.path !== undefined) this.path = details.path
    if (details.record !== undefined) this.record = details.record
    if (details.cause !== undefined) {
      Object.defineProperty(this, 'cause', { value: details.cause, enumerable: false, configurable: true })
    }
  }

  /** What may leave the process: everything but the cause and the stack. */
  toJSON(): Record<string, unknown> {
    return {
      name: this.name,
      code: this.code,
      message: this.message,
      retryable: this.retryable,
      ...(this.path !== undefined && { path: this.path }),
      ...(this.record !== undefined && { record: this.record }),
    }
  }

  /** @internal Left to itself, Node prints a cause with its message, whether or not it is enumerable. */
  [printed](): string {
    const frames = String(this.stack)
      .split('\n')
      .filter((line) => line.startsWith('    at '))
    return [`${this} ${JSON.stringify(this)}`, ...frames].join('\n')
  }
}

/** Fix the call. */
export class InvalidInput extends PrivacyError {
  override readonly name = 'InvalidInput'

  constructor(code: InvalidInputCode, message: string, details?: ErrorDetails) {
    super(code, message, false, details)
  }
}

/** Prove who you are. */
export class NotAuthorised extends PrivacyError {
  override readonly name = 'NotAuthorised'

  constructor(code: NotAuthorisedCode, message: string, details?: ErrorDetails) {
    super(code, message, false, details)
  }
}

/** Stop asking. */
export class NotFound extends PrivacyError {
  override readonly name = 'NotFound'

  constructor(code: NotFoundCode, message: string, details?: ErrorDetails) {
    super(code, message, false, details)
  }
}

/** Read again, then decide anew. */
export class Conflict extends PrivacyError {
  override readonly name = 'Conflict'

  constructor(code: ConflictCode, message: string, details?: ErrorDetails) {
    super(code, message, code === 'conflict.version' || code === 'conflict.contended', details)
  }
}

/** Wait, if `retryable`; otherwise mend the store. */
export class StoreFailure extends PrivacyError {
  override readonly name = 'StoreFailure'

  constructor(code: StoreFailureCode, message: string, details?: ErrorDetails) {
    super(code, message, code === 'store.unavailable' || code === 'sender.failed', details)
  }
}

/** Stop the line. */
export class IntegrityFailure extends PrivacyError {
  override readonly name = 'IntegrityFailure'

  constructor(code: IntegrityFailureCode, message: string, details?: ErrorDetails) {
    super(code, message, false, details)
  }
}
