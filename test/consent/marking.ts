/** What rights requests do to a standing, through the port that they are handed. */

import { localKeys, type Policy } from '@pilvi/privacy'
import { createMarkings } from '../../src/consent/markings.ts'
import { createStandings } from '../../src/consent/standings.ts'
import { createDigests, createSecrets } from '../../src/keys/service.ts'
import { createTokens } from '../../src/keys/tokens.ts'
import { createWrapping } from '../../src/keys/wrapping.ts'
import type { Markings } from '../../src/services.ts'
import type { Change } from '../../src/store.ts'
import type { scene } from './scene.ts'

type Held = Pick<ReturnType<typeof scene<Policy>>, 'store' | 'environment'>

/** `mark` commits what the port gives, and nothing else. */
export function markingsOf({ store, environment }: Held, policy: Policy) {
  const keys = localKeys([{ id: 'k1', secret: new Uint8Array(32).fill(7) }], environment)
  const ring = createWrapping({ store, environment, provider: keys })
  const secrets = createSecrets({ store, environment, provider: ring.through(store) })
  const standings = createStandings('pilvi', { store, keys: createDigests('pilvi', secrets) })
  const tokens = createTokens('pilvi', secrets)
  const markings = createMarkings('pilvi', { policy, environment, standings, keys: tokens })
  const mark = async (by: (markings: Markings) => Promise<Change[]>): Promise<void> =>
    store.commit(await by(markings))
  return { markings, mark, standings }
}
