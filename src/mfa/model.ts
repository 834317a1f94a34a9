/**
 * Second factors: what can be enrolled, what answers a challenge, and what came of an attempt.
 *
 * A full factor is the authenticator app (`totp`, `hotp`), a passkey or a recovery code. A contact code, which was sent
 * by e-mail or text message, and a trusted device are not: they show that somebody reads a mailbox, or has a browser
 * that a factor was used in. They open a sign-in where the policy says so, and nothing else: no request is confirmed
 * and no factor changed by them.
 */

import type { Instant } from '../environment.ts'
import type { SecondFactor } from '../policy/model.ts'
import type { JsonValue } from '../store.ts'

/** The hash under a one-time code. Widest supported is SHA-1, which HMAC does not weaken (RFC 4226 appendix B.2). */
export type OtpAlgorithm = 'sha1' | 'sha256' | 'sha512'

/** What is to be enrolled for an authenticator app or a counting token; fixed from then on. */
export interface CodeEnrolmentOptions {
  /** By the time, or by a counter. Absent: `totp`. */
  readonly factor?: 'totp' | 'hotp'
  /** What the app shows beside the controller's name, for example the e-mail address. Not kept. */
  readonly label: string
  /** A proof of the action `factor-change`; needed where the policy asks for it and the person has a full factor. */
  readonly proof?: string
  /** Absent: `sha1`. Some apps take no other. */
  readonly algorithm?: OtpAlgorithm
  /** Absent: 6. */
  readonly digits?: 6 | 8
}

/** What is to be enrolled as a passkey. */
export interface PasskeyEnrolmentOptions {
  readonly factor: 'passkey'
  /** What the authenticator shows, for example the e-mail address. Not kept. */
  readonly label: string
  /** The host's session in which it is enrolled; `confirm` must then be given the same. */
  readonly session?: string
  /** As in {@link CodeEnrolmentOptions}. */
  readonly proof?: string
}

/** What enrolling gives, once: whoever has the secret has the factor. */
export interface CodeEnrolment {
  readonly factor: 'totp' | 'hotp'
  /** Base32 without padding, for typing in. */
  readonly secret: string
  /** `otpauth://totp/…` or `otpauth://hotp/…`. */
  readonly uri: string
  /** The URI as a QR code: an SVG without script or style, to be put into a page as it is. It holds the secret. */
  readonly svg: string
}

/** A passkey to be made by the browser. */
export interface PasskeyEnrolment {
  readonly factor: 'passkey'
  /** What `confirm` is to be given beside the response. */
  readonly challenge: string
  /** For `navigator.credentials.create`, as JSON. */
  readonly options: JsonValue
  readonly expiresAt: Instant
}

/** What an answer may name, whatever it is. */
export interface Answering {
  /** The challenge that it answers, by its id. */
  readonly challenge?: string
  /** The host's session, where the challenge was made for one: another one's answer is not taken. */
  readonly session?: string
}

/** A code of the authenticator app, as text or with what it answers. Absent `factor`: `totp`. */
export type CodeAnswer = string | (Answering & { readonly factor?: 'totp' | 'hotp'; readonly code: string })

/** An answer by a full factor. */
export type FullAnswer =
  | CodeAnswer
  | (Answering & { readonly recoveryCode: string })
  /** The browser's response to the challenge, as JSON. */
  | (Answering & { readonly challenge: string; readonly passkey: unknown })

/** What confirms an enrolment. */
export type ConfirmingAnswer =
  | CodeAnswer
  | (Answering & { readonly challenge: string; readonly passkey: unknown })

/** Any answer. The last two are no full factors. */
export type Answer =
  | FullAnswer
  /** A code that was sent for the challenge. */
  | (Answering & { readonly challenge: string; readonly contactCode: string })
  /** The token of a trusted device. */
  | (Answering & { readonly device: string })

/** What a challenge is for. */
export interface ChallengeOptions {
  /**
   * The host's session, before the second factor. Only its digest is kept; an answer must come with the same. Give the
   * session a new id once the answer was accepted.
   */
  readonly session?: string
  /** Sends a code, which answers this challenge alone. */
  readonly send?: 'email' | 'sms'
  /** What an accepted answer is to allow, for example `erasure`: a name, `[a-z][A-Za-z0-9.:-]{0,63}`. */
  readonly action?: string
  /** The request that it is to allow it for. */
  readonly request?: string
}

/** What a person is to answer. */
export interface Challenge {
  readonly id: string
  /** Ten minutes after it was made. It is worthless before that once it was answered, or any factor changed. */
  readonly expiresAt: Instant
  /** For `navigator.credentials.get`, as JSON, where the person has passkeys. */
  readonly passkey?: JsonValue
  /** Where a code was to be sent: that it was, or until when none is. */
  readonly contact?: { readonly outcome: 'sent'; readonly channel: 'email' | 'sms' } | Locked
}

/** A challenge that was answered, and is spent. */
export interface AnsweredChallenge {
  readonly id: string
  /** The session in which it was answered: the one for which it was made. */
  readonly session?: string
  readonly action?: string
  readonly request?: string
}

/** A browser that need not be asked again for a while. */
export interface TrustedDevice {
  /** To be kept by the browser in place of the last one: each token is taken once. */
  readonly token: string
  readonly expiresAt: Instant
}

/** The answer was right. */
export interface Accepted {
  readonly outcome: 'accepted'
  /** Look at it: `contact-code` and `trusted-device` are no full second factors. */
  readonly factor: SecondFactor
  /** How it was shown (RFC 8176); empty for a trusted device, of which nothing new was shown. */
  readonly amr: readonly string[]
  /** The challenge that was answered, where one was named. */
  readonly challenge?: AnsweredChallenge
  /**
   * A proof of that, for the action and request that the challenge names and for nothing else: good for five minutes,
   * once, until any factor changes. Only `verify` of a full factor gives one.
   */
  readonly proof?: string
  /** The next token, where a device was trusted or used. */
  readonly device?: TrustedDevice
}

/** No attempt was made; the next may be at `until`, or after an administrative reset where that is `null`. */
export interface Locked {
  readonly outcome: 'locked'
  readonly until: Instant | null
}

/** The answer was not taken. */
export type Refused =
  /** Or the challenge is not there any more, or another session's, or of before a change of factors. */
  | { readonly outcome: 'wrong' }
  /** The right answer, a second time. */
  | { readonly outcome: 'replayed' }
  | Locked
  /** The clock stands before a moment that has been. Nothing was looked at. */
  | { readonly outcome: 'clock' }

/** What came of an attempt. All of it is foreseen: none is an error. */
export type Outcome = Accepted | Refused

/** What came of asking for recovery codes: `codes` are told here and never again. */
export type RecoveryOutcome = (Accepted & { readonly codes: readonly string[] }) | Refused

/** What is to be removed, and the full factor that allows it. */
export interface Removal {
  readonly factor: Exclude<SecondFactor, 'contact-code'>
  /** Of a passkey or a trusted device: which, as `list` names it. */
  readonly id?: string
  readonly answer: FullAnswer
}

/** What there is, and never a secret of it. */
export interface FactorSummary {
  readonly factor: Exclude<SecondFactor, 'contact-code'>
  /** Names it among those of its kind. */
  readonly id: string
  /** `enrolled`: it counts for nothing until it is confirmed. */
  readonly state: 'enrolled' | 'confirmed'
  readonly since: Instant
  /** Of recovery codes: how many have not been used. */
  readonly remaining?: number
  /** Of a trusted device. */
  readonly expiresAt?: Instant
}

/** What is to be shown anew, and for what. */
export interface StepUp extends Pick<ChallengeOptions, 'session' | 'request'> {
  readonly subject: string
  /** The one act that the proof is for: `erasure`, `export`, `factor-change`, or a name of the host's own. */
  readonly action: string
  /** The proof, once there is one. */
  readonly proof?: string
}

/** What came of asking for a step-up. */
export type StepUpOutcome =
  /** To be answered by `verify` with a full factor, which gives the proof. */
  | { readonly outcome: 'challenge'; readonly challenge: Challenge }
  /** The person has no full factor that could answer: the host goes another way, for example by an operator's check. */
  | { readonly outcome: 'no-factor' }
  /** The proof held, and is used up. */
  | { readonly outcome: 'accepted'; readonly amr: readonly string[]; readonly authenticatedAt: Instant }

export const resetReasons = ['lost', 'stolen', 'replaced', 'locked'] as const
/** Why factors are to be reset; `locked`: there were so many failures that only a reset helps. */
export type ResetReason = (typeof resetReasons)[number]

/** A reset that an operator asks for. */
export interface ResetInput {
  readonly subject: string
  readonly operator: string
  readonly because: ResetReason
}

/** An administrative reset of a person's second factors. */
export interface FactorReset extends ResetInput {
  readonly id: string
  /** `announcing`: the person has not been told yet, as far as is known; `done`: the factors are gone. */
  readonly state: 'announcing' | 'opened' | 'done' | 'cancelled'
  /** When the person had been told; while it is announced, when it was asked for. */
  readonly openedAt: Instant
  /** It is not done before. */
  readonly notBefore: Instant
  /** It is not done from then on: what was said long ago is no warning. */
  readonly expiresAt: Instant
  /** When it was done or cancelled, and who did it: `null` is the person. */
  readonly ended: { readonly at: Instant; readonly operator: string | null } | null
}

/** Who cancels a reset: the person, whose answer shows that the factor is not lost, or an operator. */
export type ResetCanceller = { readonly answer: FullAnswer } | { readonly operator: string }

/** What came of cancelling a reset. */
export type ResetCancellation = { readonly outcome: 'cancelled'; readonly reset: FactorReset } | Refused

/** What a person is to be told, by every way the host has: of those that it may be a thief's. */
export interface Notice {
  readonly kind: 'notice'
  readonly tenant: string
  readonly subject: string
  /** That somebody asked for the factors to be reset, that they are being reset now, or that they stay. */
  readonly what: 'reset-opened' | 'reset-due' | 'reset-cancelled'
  readonly reset: string
  readonly because: ResetReason
  readonly at: Instant
  /** Until when it can be cancelled at least. */
  readonly notBefore: Instant
}

/** A code to be sent. */
export interface CodeMessage {
  readonly kind: 'code'
  readonly tenant: string
  readonly subject: string
  readonly channel: 'email' | 'sms'
  /** Eight digits. */
  readonly code: string
  readonly expiresAt: Instant
  /** What it is for, where the challenge names it: say it in the message. */
  readonly action?: string
}
