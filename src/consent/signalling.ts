/** The shell around signals of browsers: each purpose that the signal denies is recorded, once a day at most. */

import type { Environment } from '../environment.ts'
import { parse } from '../parsing.ts'
import type { Policy, PurposeOf } from '../policy/model.ts'
import { gpcPurposes, parseGpc, type SignalInput, type SignalOutcome, signalParser } from './gpc.ts'
import type { ConsentEvent } from './model.ts'
import type { Recorder } from './recorder.ts'
import { isOpenWithin, saysNo, saysYes } from './stance.ts'

/** Signals of browsers. */
export interface Signals<P extends Policy = Policy> {
  /**
   * Records that a browser sent `Sec-GPC: 1`: a denial of each purpose that the policy maps to it, at most once a day while
   * it stands. Anything else says nothing and records nothing. The person's own consent to the very purpose stays, and so
   * does one to a narrower purpose that came after the denial.
   * @throws InvalidInput `input.invalid`; Conflict `conflict.erased`
   * @see the policy's `purposes.*.denial.signal`
   */
  signal(input: SignalInput): Promise<SignalOutcome<PurposeOf<P>>>
}

interface Parts<P extends Policy> {
  readonly policy: P
  readonly environment: Environment
  readonly recorder: Recorder
}

export const createSignals = <P extends Policy>({ policy, environment, recorder }: Parts<P>): Signals<P> => ({
  async signal(input) {
    const { subject, headers } = parse(signalParser, input, 'signal')
    const recorded: ConsentEvent[] = []
    const consented: PurposeOf<P>[] = []
    if (parseGpc(headers) === 'none') return { signal: 'none', recorded, consented }
    for (const purpose of gpcPurposes(policy)) {
      let open = false
      const event = await recorder.record('denied', { subject, purpose, by: 'gpc' }, (standing) => {
        const asked = { policy, purpose, at: environment.now() }
        open = saysYes(standing, asked)
        return open || isOpenWithin(standing, asked) || saysNo(standing, { ...asked, kind: 'denied' })
      })
      if (event !== null) recorded.push(event)
      else if (open) consented.push(purpose as PurposeOf<P>)
    }
    return { signal: 'gpc', recorded, consented }
  },
})
