/**
 * What names a version of a policy: the SHA-256 of its canonical form (RFC 8785), as hex. Two policies have one digest
 * only if they say the same, down to a comma; the version a controller gives is a label beside it.
 */

import { digestOf } from '../keys/digest.ts'
import type { JsonValue } from '../store.ts'
import type { Policy } from './model.ts'

/** A policy as the value that is digested and kept. */
export const policyValue = (policy: Policy): JsonValue => policy as unknown as JsonValue

/** The digest of a policy that `definePolicy` or `parsePolicy` gave. */
export const policyDigest = (policy: Policy): string => digestOf(policyValue(policy))
