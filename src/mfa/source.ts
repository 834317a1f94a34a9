/**
 * Second factors as a source of a person's data: what there is and since when, never a secret of it, the open challenges
 * and proofs, the failed attempts, and the resets. Each is a row of its own, whose fields fall under one category, so that a row stays or goes
 * as a whole.
 */

import { collections } from '../collections.ts'
import { settle } from '../commit.ts'
import type { Environment } from '../environment.ts'
import { parseStored } from '../parsing.ts'
import type { Policy } from '../policy/model.ts'
import type { Source } from '../source.ts'
import { type UniformRow, uniformRow } from '../sources/row.ts'
import type { Change, Ref, Store, Versioned } from '../store.ts'
import { key, partsOf } from '../values/key.ts'
import { attemptsRef, collectionOf } from './keeping.ts'
import { attemptsParser, challengeParser, factorParser, proofParser, resetParser } from './stored.ts'

export function createMfaSource(
  tenant: string,
  { policy, store, environment }: { policy: Policy; store: Store; environment: Environment },
): Source {
  return {
    name: 'factors',
    label: { en: 'Second factors', fi: 'Toiset tunnistautumistavat' },
    async *find({ subject }, wanted) {
      const prefix = `${key(tenant, subject)}/`
      for (const { collection, rowOf } of kinds) {
        for await (const found of store.scan(collection, { prefix })) yield [uniformRow(rowOf(found), wanted)]
      }
      const { collection, key: at } = attemptsRef(tenant, subject)
      const [attempts] = await store.get(collection, [at])
      if (attempts) yield [uniformRow({ ...attemptsRow(attempts), category: policy.ownData.factors }, wanted)]
    },
    async erase({ subject }, erasures) {
      const going = erasures.filter(({ keep }) => keep.length === 0)
      await settle({ store, environment }, async () => {
        const changes: Change[] = []
        for (const { row } of going) {
          const { collection, key: at } = refOfRow(tenant, { subject, row })
          const [found] = await store.get(collection, [at])
          if (found) changes.push({ remove: { collection, key: at }, expect: found.version })
        }
        return { changes, result: undefined }
      })
    },
  }
}

/** A row is named by what stands below the person in its key. */
const rowId = (found: Versioned): string => partsOf(found.key).slice(1).join('/')

function refOfRow(tenant: string, { subject, row }: { subject: string; row: string }): Ref {
  if (row === 'attempts') return attemptsRef(tenant, subject)
  const [kind = ''] = row.split('/')
  return { collection: collectionOf(kind), key: key(tenant, subject, ...row.split('/')) }
}

const kinds: readonly { readonly collection: string; rowOf(found: Versioned): UniformRow }[] = [
  { collection: collections.factors.name, rowOf: factorRow },
  { collection: collections.challenges.name, rowOf: challengeRow },
  { collection: collections.proofs.name, rowOf: proofRow },
  { collection: collections.resets.name, rowOf: resetRow },
]

function factorRow(found: Versioned): UniformRow {
  const record = parseStored(factorParser, found.value, 'factor')
  const { factor, category, enrolledAt: recordedAt } = record
  const state = 'state' in record ? record.state : 'confirmed'
  const more = record.factor === 'trusted-device' ? { expiresAt: record.expiresAt } : {}
  return { id: rowId(found), category, values: { factor, state, ...more }, recordedAt }
}

function challengeRow(found: Versioned): UniformRow {
  const { category, at, expiresAt, action, request } = parseStored(challengeParser, found.value, 'challenge')
  return { id: rowId(found), category, values: { expiresAt, action, request }, recordedAt: at }
}

function proofRow(found: Versioned): UniformRow {
  const { category, at, expiresAt, action, request } = parseStored(proofParser, found.value, 'proof')
  return { id: rowId(found), category, values: { expiresAt, action, request }, recordedAt: at }
}

/** Which of the controller's people acted is not the person's data. */
function resetRow(found: Versioned): UniformRow {
  const { category, openedAt, state, because, notBefore, expiresAt, ended } = parseStored(
    resetParser,
    found.value,
    'reset',
  )
  const values = { reset: state, because, notBefore, expiresAt, endedAt: ended?.at ?? null }
  return { id: rowId(found), category, values, recordedAt: openedAt }
}

function attemptsRow(found: Versioned): Omit<UniformRow, 'category'> {
  const { failures, sends, latest } = parseStored(attemptsParser, found.value, 'attempts')
  return { id: 'attempts', values: { failures, codesSent: sends?.count ?? 0 }, recordedAt: latest }
}
