/**
 * What an answer is: exactly one of the things that can be shown, and what it answers. Whatever has not the form of an
 * answer is refused before anything is counted: it is the host's call that is wrong, or a form that was not looked at.
 * No member of an answer makes another kind of factor of it.
 */

import * as z from 'zod'
import { InvalidInput } from '../errors.ts'
import { idParser, parse } from '../parsing.ts'
import { isCode } from './codes.ts'
import { isContactCode } from './contact.ts'
import { readToken } from './devices.ts'
import { type RecoveryText, readRecoveryCode } from './recovery.ts'

interface Answering {
  readonly challenge: string | null
  readonly session: string | null
}

/** An answer as it was read. */
export type Given = Answering &
  (
    | { readonly by: 'totp' | 'hotp'; readonly code: string }
    | { readonly by: 'recovery-code'; readonly code: RecoveryText }
    | { readonly by: 'contact-code'; readonly code: string }
    | { readonly by: 'passkey'; readonly response: unknown }
    | { readonly by: 'trusted-device'; readonly token: { readonly id: string; readonly secret: string } }
  )

/** Well-formed, so that it can be digested. */
const session = z
  .string()
  .min(1)
  .max(4_096)
  .refine((text) => text.isWellFormed())
export const sessionParser: z.ZodType<string> = session

const answering = { challenge: z.exactOptional(idParser), session: z.exactOptional(session) }
/** The member that says what an answer shows, which no other may stand beside. */
const shapes = {
  code: z.strictObject({
    ...answering,
    code: z.unknown(),
    factor: z.exactOptional(z.enum(['totp', 'hotp'])),
  }),
  recoveryCode: z.strictObject({ ...answering, recoveryCode: z.unknown() }),
  contactCode: z.strictObject({ ...answering, contactCode: z.unknown() }),
  passkey: z.strictObject({ ...answering, passkey: z.unknown() }),
  device: z.strictObject({ ...answering, device: z.unknown() }),
}
type Shape = keyof typeof shapes

/** Reads an answer. @throws InvalidInput `input.invalid`; neither path nor message holds anything of it */
export function readAnswer(answer: unknown): Given {
  const given = typeof answer === 'object' && answer !== null ? answer : { code: answer }
  const shape = (Object.keys(shapes) as Shape[]).find((each) => Object.hasOwn(given, each))
  if (shape === undefined) throw malformed('answer', 'must name what it shows')
  switch (shape) {
    case 'code': {
      const { code, factor: by = 'totp', ...rest } = parse(shapes.code, given, 'answer')
      if (!isCode(code)) throw malformed('code', 'must be six or eight digits')
      return { by, code, ...named(rest) }
    }
    case 'recoveryCode': {
      const { recoveryCode, ...rest } = parse(shapes.recoveryCode, given, 'answer')
      const code = readRecoveryCode(recoveryCode)
      if (code === null) throw malformed('recoveryCode', 'must be a digit and sixteen letters and digits')
      return { by: 'recovery-code', code, ...named(rest) }
    }
    case 'contactCode': {
      const { contactCode: code, ...rest } = parse(shapes.contactCode, given, 'answer')
      if (!isContactCode(code)) throw malformed('contactCode', 'must be eight digits')
      return { by: 'contact-code', code, ...needed(rest) }
    }
    case 'passkey': {
      const { passkey: response, ...rest } = parse(shapes.passkey, given, 'answer')
      return { by: 'passkey', response, ...needed(rest) }
    }
    case 'device': {
      const { device, ...rest } = parse(shapes.device, given, 'answer')
      const token = readToken(device)
      if (token === null) throw malformed('device', 'must be a token')
      return { by: 'trusted-device', token, ...named(rest) }
    }
  }
}

type Named = { readonly challenge?: string; readonly session?: string }

const named = (given: Named): Answering => ({
  challenge: given.challenge ?? null,
  session: given.session ?? null,
})

/** Of what answers a challenge and nothing else. */
function needed(given: Named): Answering {
  if (given.challenge === undefined) throw malformed('challenge', 'must name what is answered')
  return named(given)
}

export const malformed = (path: string, says: string): InvalidInput =>
  new InvalidInput('input.invalid', `${path} ${says}`, { path })
