/** Second factors as a source of a person's data: that there is one, and since when; never its secret. */

import { collections } from '../collections.ts'
import { settle } from '../commit.ts'
import type { Environment } from '../environment.ts'
import type { Policy } from '../policy/model.ts'
import type { Row, Source } from '../source.ts'
import type { Change, Store } from '../store.ts'
import type { Attempts, FactorRecord } from './model.ts'
import { attemptsKey, factorKey } from './service.ts'

export function createMfaSource(
  tenant: string,
  { policy, store, environment }: { policy: Policy; store: Store; environment: Environment },
): Source {
  const places = (subject: string) => [
    { collection: collections.factors.name, key: factorKey(tenant, subject) },
    { collection: collections.attempts.name, key: attemptsKey(tenant, subject) },
  ]
  return {
    name: 'factors',
    label: { en: 'Second factors', fi: 'Toiset tunnistautumistavat' },
    category: () => policy.ownData.factors,
    async *find({ subject }) {
      const [factor] = await store.get(collections.factors.name, [factorKey(tenant, subject)])
      if (factor) yield [factorRow(factor.value as unknown as FactorRecord)]
      const [attempts] = await store.get(collections.attempts.name, [attemptsKey(tenant, subject)])
      if (attempts) yield [attemptsRow(attempts.value as unknown as Attempts)]
    },
    async erase({ subject }, erasures) {
      if (!erasures.some(({ keep }) => keep.length === 0)) return
      await settle({ store, environment }, async () => {
        const changes: Change[] = []
        for (const ref of places(subject)) {
          const [found] = await store.get(ref.collection, [ref.key])
          if (found) changes.push({ remove: ref, expect: found.version })
        }
        return { changes, result: undefined }
      })
    },
  }
}

const factorRow = ({ factor, state, enrolledAt }: FactorRecord): Row => ({
  id: factor,
  values: { factor, state },
  recordedAt: enrolledAt,
})

const attemptsRow = ({ failures, at }: Attempts): Row => ({
  id: 'attempts',
  values: { failures },
  recordedAt: at,
})
