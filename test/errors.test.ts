/** The closed vocabulary of errors, and what of an error may leave the process. */

import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { describe, expect, expectTypeOf, it } from 'vitest'
import {
  Conflict,
  type ConflictCode,
  type ErrorCode,
  IntegrityFailure,
  type IntegrityFailureCode,
  InvalidInput,
  type InvalidInputCode,
  NotAuthorised,
  type NotAuthorisedCode,
  NotFound,
  type NotFoundCode,
  PrivacyError,
  StoreFailure,
  type StoreFailureCode,
} from '../src/errors.ts'

/** Every code by class. A code that is added, renamed or moved must be so here, and in docs/errors.md. */
const vocabulary = {
  InvalidInput: {
    'input.invalid': 'final',
    'input.too-large': 'final',
    'input.not-in-policy': 'final',
    'policy.invalid': 'final',
    'policy.untranslated': 'final',
    'tenant.not-allowed': 'final',
    'transaction.not-allowed': 'final',
  } satisfies Record<InvalidInputCode, 'final' | 'retryable'>,
  NotAuthorised: {
    'proof.missing': 'final',
    'proof.rejected': 'final',
  } satisfies Record<NotAuthorisedCode, 'final' | 'retryable'>,
  NotFound: { 'record.missing': 'final' } satisfies Record<NotFoundCode, 'final' | 'retryable'>,
  Conflict: {
    'conflict.version': 'retryable',
    'conflict.contended': 'retryable',
    'conflict.state': 'final',
    'conflict.plan': 'final',
    'conflict.erased': 'final',
  } satisfies Record<ConflictCode, 'final' | 'retryable'>,
  StoreFailure: {
    'store.unavailable': 'retryable',
    'store.outcome-unknown': 'final',
    'store.unsupported': 'final',
    'store.not-migrated': 'final',
    'store.insecure': 'final',
    'store.closed': 'final',
    'sender.failed': 'retryable',
  } satisfies Record<StoreFailureCode, 'final' | 'retryable'>,
  IntegrityFailure: {
    'seal.rejected': 'final',
    'record.corrupt': 'final',
    'ledger.broken': 'final',
    'guard.tripped': 'final',
    'erasure.residue': 'final',
    'copy.differs': 'final',
  } satisfies Record<IntegrityFailureCode, 'final' | 'retryable'>,
}

const classes = { InvalidInput, NotAuthorised, NotFound, Conflict, StoreFailure, IntegrityFailure }
type Name = keyof typeof classes
type Made = new (code: ErrorCode, message: string, details?: object) => PrivacyError

const rows = Object.entries(vocabulary).flatMap(([name, codes]) =>
  Object.entries(codes).map(([code, when]) => [name as Name, code as ErrorCode, when] as const),
)

describe('the vocabulary', () => {
  it('is closed: 28 codes, each of one class', () => {
    expectTypeOf<ErrorCode>().toEqualTypeOf<
      { [Class in Name]: keyof (typeof vocabulary)[Class] }[Name] & string
    >()
    expect(rows).toHaveLength(28)
    expect(new Set(rows.map(([, code]) => code)).size).toBe(28)
  })

  it('is the one that the documentation lists', () => {
    const text = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8')
    const listed = [...text.matchAll(/^\| `([a-z.-]+)` \| `(\w+)` \|/gm)].map(([, code, name]) => [
      name,
      code,
    ])
    expect(listed).toEqual(rows.map(([name, code]) => [name, code]))
  })

  it.each(rows)('%s %s is %s', (name, code, when) => {
    const error = new (classes[name] as unknown as Made)(code, 'field is wrong')
    expect(error).toBeInstanceOf(PrivacyError)
    expect(error).toBeInstanceOf(Error)
    expect(Object.values(classes).filter((each) => error instanceof each)).toEqual([classes[name]])
    expect(error.name).toBe(name)
    expect(error.retryable).toBe(when === 'retryable')
    expect(String(error)).toBe(`${name}: field is wrong`)
    expect(error.toJSON()).toEqual({
      name,
      code,
      message: 'field is wrong',
      retryable: when === 'retryable',
    })
  })
})

describe('personal value of a driver in a log', () => {
  const cause = new Error('duplicate key value (email)=(someone@example.com)')
  const error = new StoreFailure('store.unavailable', 'the store did not answer', {
    path: 'changes[0]',
    record: 'request-1',
    cause,
  })

  it('the cause stays in the process: not in JSON, not among the members', () => {
    expect(error.cause).toBe(cause)
    expect(error.toJSON()).toEqual({
      name: 'StoreFailure',
      code: 'store.unavailable',
      message: 'the store did not answer',
      retryable: true,
      path: 'changes[0]',
      record: 'request-1',
    })
    expect(JSON.stringify({ error, list: [error] })).not.toContain('example.com')
    expect(Object.keys(error)).not.toContain('cause')
    expect(JSON.stringify({ ...error })).not.toContain('example.com')
    expect(String(error)).not.toContain('example.com')
  })

  it('what Node prints of it, alone or within something else, is without the cause', () => {
    for (const shown of [
      inspect(error),
      inspect({ error }, { depth: 9 }),
      inspect([error], { showHidden: true }),
    ]) {
      expect(shown).not.toContain('example.com')
      expect(shown).toContain('StoreFailure: the store did not answer')
      expect(shown).toContain('"code":"store.unavailable"')
      expect(shown).toContain('errors.test.ts')
    }
  })

  it('what is not given is not there', () => {
    const bare = new NotFound('record.missing', 'there is no such request')
    for (const name of ['path', 'record', 'cause']) expect(Object.hasOwn(bare, name)).toBe(false)
  })
})
