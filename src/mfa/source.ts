/**
 * Second factors as a source of a person's data: that there is one and since when, never its secret, and the failed
 * attempts. Each is a row of its own, whose fields fall under one category, so that a row stays or goes as a whole.
 */

import { collections } from '../collections.ts'
import { settle } from '../commit.ts'
import type { Environment } from '../environment.ts'
import { parseStored } from '../parsing.ts'
import type { Policy } from '../policy/model.ts'
import type { Source } from '../source.ts'
import { type UniformRow, uniformRow } from '../sources/row.ts'
import type { Change, Ref, Store, Versioned } from '../store.ts'
import { attemptsParser, factorParser } from './model.ts'
import { attemptsKey, factorKey } from './service.ts'

export function createMfaSource(
  tenant: string,
  { policy, store, environment }: { policy: Policy; store: Store; environment: Environment },
): Source {
  const places = (subject: string): Readonly<Record<string, Ref>> => ({
    totp: { collection: collections.factors.name, key: factorKey(tenant, subject) },
    attempts: { collection: collections.attempts.name, key: attemptsKey(tenant, subject) },
  })
  return {
    name: 'factors',
    label: { en: 'Second factors', fi: 'Toiset tunnistautumistavat' },
    async *find({ subject }, wanted) {
      const [factor] = await store.get(collections.factors.name, [factorKey(tenant, subject)])
      if (factor) yield [uniformRow(factorRow(factor), wanted)]
      const [attempts] = await store.get(collections.attempts.name, [attemptsKey(tenant, subject)])
      if (attempts) yield [uniformRow({ ...attemptsRow(attempts), category: policy.ownData.factors }, wanted)]
    },
    async erase({ subject }, erasures) {
      const going = new Set(erasures.filter(({ keep }) => keep.length === 0).map(({ row }) => row))
      const refs = Object.entries(places(subject)).flatMap(([row, ref]) => (going.has(row) ? [ref] : []))
      await settle({ store, environment }, async () => {
        const changes: Change[] = []
        for (const ref of refs) {
          const [found] = await store.get(ref.collection, [ref.key])
          if (found) changes.push({ remove: ref, expect: found.version })
        }
        return { changes, result: undefined }
      })
    },
  }
}

function factorRow(found: Versioned): UniformRow {
  const { factor, state, enrolledAt, category } = parseStored(factorParser, found.value, 'totp')
  return { id: factor, category, values: { factor, state }, recordedAt: enrolledAt }
}

function attemptsRow(found: Versioned): Omit<UniformRow, 'category'> {
  const { failures, at } = parseStored(attemptsParser, found.value, 'attempts')
  return { id: 'attempts', values: { failures }, recordedAt: at }
}
