/**
 * Trusted devices: browsers in which a full factor was used, and which need not be asked again for thirty days.
 *
 * A device has one token that is taken next; using it gives another. So a token that was copied is found out: whoever
 * comes second, thief or owner, brings one that was rotated away, and the device is trusted no more. Two tabs of one
 * browser may bring the same token at once: one wins, and for ten seconds the other is told `replayed`, and nothing is
 * counted or revoked, because the browser has the next token already. After that, and for any other token of a device that is
 * there, it is revoked: the id in it is known to nobody else. Any change of factors revokes all of them.
 */

import { later } from '../calendar.ts'
import type { Instant } from '../environment.ts'
import { sameText } from '../keys/digest.ts'
import type { DeviceRecord } from './stored.ts'

/** `lifetime` counts from when it was trusted, whatever it is used for. */
export const devices = { lifetime: 30 * 86_400_000, grace: 10_000, most: 10, tokenBytes: 32 } as const

/** The parts of a token; `null` where it is none. */
export function readToken(token: unknown): { id: string; secret: string } | null {
  const parts = typeof token === 'string' && /^([0-9a-z]{26})\.([A-Za-z0-9_-]{43})$/.exec(token)
  if (!parts) return null
  const [, id = '', secret = ''] = parts
  return { id, secret }
}

/**
 * What a token is to a device: the one that is taken, one that two tabs brought, one that is over with the device, or one
 * that shows that there is a copy.
 */
export function judgeToken(
  { token, previous, expiresAt, generation }: DeviceRecord,
  given: { readonly token: string; readonly generation: number; readonly now: Instant },
): 'current' | 'raced' | 'over' | 'copied' {
  const current = sameText(token, given.token)
  const before = previous !== null && sameText(previous.token, given.token)
  if (given.now >= expiresAt || generation !== given.generation) return 'over'
  if (current) return 'current'
  return before && given.now < later(previous.at, devices.grace) ? 'raced' : 'copied'
}
