/** What the consent service hands to its parts: the one way a statement is recorded. */

import type { ConsentEvent, EventKind, Revocation, Standing, Statement } from './model.ts'

/** Records statements; each is one commit. */
export interface Recorder {
  /**
   * Records a statement, unless the person's standing makes it needless; `null` then. It is judged anew in each try, so
   * two calls at once record it once.
   * @throws InvalidInput; Conflict `conflict.erased`
   */
  record(
    kind: EventKind,
    statement: Statement | Revocation,
    needless: (standing: Standing) => boolean,
  ): Promise<ConsentEvent | null>
}
