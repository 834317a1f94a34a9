/**
 * How a policy enters the library: checked as a whole, copied, frozen. Nothing downstream checks it again, so there
 * is no other way in.
 */

import type * as z from 'zod'
import { InvalidInput } from '../errors.ts'
import { contradictions } from './checks.ts'
import type { Policy } from './model.ts'
import { policyShape } from './parser.ts'

/**
 * A policy from a value of unknown origin, for example a parsed JSON file: a frozen copy.
 * @throws InvalidInput `policy.invalid`, with the path of the first offending field
 */
export function parsePolicy(value: unknown): Policy {
  const policy = shaped(value)
  const [wrong] = contradictions(policy)
  if (wrong !== undefined) throw invalid(wrong.path, wrong.says)
  return frozen(policy)
}

/**
 * A copy of what has the shape of a policy and may contradict itself: for linting, which says how. Nothing else takes one.
 * @throws InvalidInput `policy.invalid`, with the path of the first offending field
 */
export function shaped(value: unknown): Policy {
  const parsed = policyShape.safeParse(value)
  if (!parsed.success) throw invalid(...firstIssue(parsed.error))
  return parsed.data
}

/**
 * The policy given, checked and as a frozen copy, with the literal types of its names: a purpose, group or recipient
 * that it does not name does not compile where one of them is asked for.
 * @throws InvalidInput `policy.invalid`, with the path of the first offending field
 */
export function definePolicy<const P extends Policy>(policy: P): P {
  return parsePolicy(policy) as P
}

const invalid = (path: string, says: string): InvalidInput =>
  new InvalidInput('policy.invalid', `${path} ${says}`, { path })

/** Where zod stopped, as `a.b[0].c`, and why; its messages name what was expected and not what was given. */
function firstIssue(error: z.ZodError): [path: string, says: string] {
  const [issue] = error.issues
  if (issue === undefined) return ['policy', 'is not a policy']
  if (issue.code === 'unrecognized_keys') {
    return [written([...issue.path, ...issue.keys.slice(0, 1)]), 'is not a member that a policy has there']
  }
  if (issue.code === 'invalid_key') return [written(issue.path), issue.issues[0]?.message ?? issue.message]
  return [written(issue.path), `is not right: ${issue.message}`]
}

const written = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (before, step) =>
      typeof step === 'number'
        ? `${before}[${step}]`
        : before === ''
          ? String(step)
          : `${before}.${String(step)}`,
    '',
  ) || 'policy'

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) frozen(member)
    Object.freeze(value)
  }
  return value
}
