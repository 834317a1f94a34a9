/** The shell around one-click unsubscribe links: a token is made without the store, and one click is one denial. */

import { unlessErased } from '../commit.ts'
import type { Environment } from '../environment.ts'
import { NotAuthorised } from '../errors.ts'
import { parse } from '../parsing.ts'
import type { Policy, PurposeOf } from '../policy/model.ts'
import type { Keys } from '../services.ts'
import type { Recorder } from './recorder.ts'
import { saysNoToAll } from './stance.ts'
import {
  isOneClick,
  leavingOf,
  linkOf,
  requestParser,
  type UnsubscribeLink,
  type UnsubscribeOutcome,
  type UnsubscribeRequest,
  type UnsubscribeWanted,
  wantedParser,
} from './unsubscribe.ts'

/** Links by which people leave a purpose. */
export interface Unsubscribing<P extends Policy = Policy> {
  /**
   * The link and the header fields for a message to a person about a purpose. The token is readable by nobody but this
   * tenant, the same each time, and does not end: people click old messages. Nothing is read or stored of the person.
   * @throws InvalidInput `input.invalid`, `input.too-large`; `input.not-in-policy` where the purpose can neither be
   *   denied nor rests on consent
   * @see RFC 8058, RFC 2369; GDPR 7(3), 21(3)
   */
  unsubscribeLink(wanted: UnsubscribeWanted<PurposeOf<P>>): Promise<UnsubscribeLink>
  /**
   * Answers a request to such a link. A POST that says `List-Unsubscribe=One-Click`, form-encoded or multipart, denies
   * the purpose (or withdraws consent, where it cannot be denied) and is `done`; the same again on that day records nothing
   * more.
   * Every other request is to `confirm` and changes nothing. Of a person who was erased it is `done`, and nothing is
   * recorded.
   * @throws NotAuthorised `proof.rejected` where the token is not one of this tenant
   * @throws InvalidInput `input.invalid`; `input.not-in-policy` where the policy has lost the purpose since
   */
  unsubscribe(request: UnsubscribeRequest): Promise<UnsubscribeOutcome>
}

interface Parts {
  readonly policy: Policy
  readonly environment: Environment
  readonly keys: Keys
  readonly recorder: Recorder
}

export function createUnsubscribing<P extends Policy>(parts: Parts): Unsubscribing<P> {
  const { policy, keys } = parts
  return {
    async unsubscribeLink(input) {
      const { subject, purpose, url } = parse(wantedParser, input, 'link')
      leavingOf(policy, purpose)
      return linkOf(url, await keys.conceal('unsubscribe', [subject, purpose]))
    },

    async unsubscribe(input) {
      const request = parse(requestParser, input, 'request')
      const [subject, purpose] = (await keys.reveal('unsubscribe', request.token)) ?? []
      if (subject === undefined || purpose === undefined) {
        throw new NotAuthorised('proof.rejected', 'this is no unsubscribe token', { path: 'request.token' })
      }
      if (!isOneClick(request)) return { outcome: 'confirm', purpose }
      await leave(parts, { subject, purpose })
      return { outcome: 'done', purpose }
    },
  }
}

async function leave(
  { policy, environment, recorder }: Parts,
  { subject, purpose }: { readonly subject: string; readonly purpose: string },
): Promise<void> {
  const kind = leavingOf(policy, purpose)
  const leaving = recorder.record(kind, { subject, purpose, by: 'link' }, (standing) =>
    saysNoToAll(standing, { policy, purpose, at: environment.now(), kind }),
  )
  // Nobody is reached who was erased: it is done, and must not be told from a person who is still there.
  await unlessErased(leaving)
}
