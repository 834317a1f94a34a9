/**
 * The Sender port: how people are told something. The host's own, because the addresses are; what is sent names the person
 * by the host's id.
 *
 * One port for all kinds of message, so that a host answers once how it reaches people. A sender may be called again with
 * the same message after a crash: a message that must not come twice carries a `key`, the same each time.
 */

import type { CalendarDate } from './environment.ts'
import type { CodeMessage, Notice } from './mfa/model.ts'

/** What a host is asked to send. The address is the host's to know; neither it nor a code is kept here. */
export type Message = CodeMessage | Notice | PolicyMessage

/** That a version of the policy is, or will be, in force (the policy, "Updates"). The text is the host's to put into it. */
export interface PolicyMessage {
  readonly kind: 'policy'
  readonly tenant: string
  readonly subject: string
  readonly channel: 'post' | 'email' | 'sms'
  readonly version: string
  /** By which `policies.find` gives the version whole. */
  readonly digest: string
  /** The first day on which it is in force. */
  readonly date: CalendarDate
  /** The same for each try at this message: send what has one key once. */
  readonly key: string
}

/** Sends messages to people. */
export interface Sender {
  /** Resolves once the message is on its way; rejects where it is not, and what it is about then does not happen. */
  send(message: Message): Promise<void>
}
