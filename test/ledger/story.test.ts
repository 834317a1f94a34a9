/** What the ledger holds of people after everything that the library does has been done to one of them. */

import { describe, expect, it } from 'vitest'
import { type MemoryBacking, memoryBacking, memoryStore } from '../../adapters/memory/index.ts'
import type { LedgerEntry } from '../../src/ledger/model.ts'
import { createLedger } from '../../src/ledger/service.ts'
import { destroyKeys, keyRecord, keysScene, refusal } from '../keys/scene.ts'
import { canary, scene, secret } from '../requests/scene.ts'

const subject = 'customer-kanaria-1'

/** The text of the ledger, of what waits for it, and of its head. */
function ledgerText(backing: MemoryBacking): string {
  const streams = [...(backing.streams.get('ledger') ?? [])].map(([key, { entries }]) => [key, entries])
  const rows = ['pending', 'heads'].map((name) => [...(backing.records.get(name)?.rows ?? [])])
  return JSON.stringify([streams, rows])
}

/** One person's whole story, up to the erasure or through it. */
async function told(until: 'alive' | 'erased') {
  const backing = memoryBacking()
  const all = scene({ store: memoryStore({ backing }) })
  await all.populate(subject)
  const { secret: another } = await all.privacy.mfa.enrol('customer-2', { label: canary.email })
  await all.privacy.mfa.confirm('customer-2', '000000')
  const asked = await all.confirmed('export', subject)
  const plan = await all.privacy.requests.plan(asked)
  await all.privacy.requests.fulfil(asked, { plan: plan.digest })
  if (until === 'erased') await all.erased(subject)
  return { ...all, backing, another }
}

describe('personal value in the ledger', () => {
  it.each(['alive', 'erased'] as const)(
    'none of what was given, and no id of a person, stands there (%s)',
    async (until) => {
      const { backing, privacy, another } = await told(until)
      const waiting = ledgerText(backing)
      await privacy.ledger.sequence()
      const report = await privacy.ledger.verify()
      expect(report).toMatchObject({ outcome: 'intact', pending: 0 })
      expect(report.entries).toBeGreaterThan(10)
      for (const text of [waiting, ledgerText(backing)]) {
        for (const value of [...Object.values(canary), subject, 'customer-2', 'old@example.com', another])
          expect(text).not.toContain(value)
        expect(text).not.toContain('kanaria')
      }
    },
  )

  it('every entry says who acted, and a person only by a keyed digest', async () => {
    const { privacy } = await told('erased')
    await privacy.ledger.sequence()
    for await (const { actor, action } of privacy.ledger.list()) {
      expect(action).toMatch(/^[a-z]+\.[a-z-]+$/)
      if (actor.role === 'subject') expect(actor.id).toMatch(/^[0-9a-f]{64}$/)
    }
  })
})

describe('what an entry says', () => {
  it('who, what, about which record, on which clause, and when by two clocks where they differ', async () => {
    const { privacy } = await told('erased')
    const receivedAt = '2026-11-20T08:00:00.000Z'
    const opened = { subject: 'customer-2', kind: 'export', receivedBy: 'email', receivedAt } as const
    const { id } = await privacy.requests.open(opened)
    await privacy.ledger.sequence()
    const entries: LedgerEntry[] = []
    for await (const entry of privacy.ledger.list()) entries.push(entry)
    for (const { action, actor, record, clause, recordedAt } of entries) {
      expect([actor.role, actor.id, record, recordedAt].map((each) => each.length > 0)).not.toContain(false)
      expect(clause ?? '', action).not.toBe('')
    }
    const found = entries.find(({ record }) => record === id)
    expect(found).toMatchObject({ action: 'requests.opened', effectiveAt: receivedAt })
    expect(found && found.recordedAt > receivedAt).toBe(true)
  })
})

describe('an erased person in the ledger', () => {
  it('the entries stay as they were and verify, and nobody can tell any more whose they were', async () => {
    const { backing, privacy, erased } = await told('alive')
    const { tenant } = keysScene({ backing, seed: 9, ring: [{ id: 'k1', secret }] })
    const keys = tenant('pilvi')
    const reference = await keys.reference(subject)
    await privacy.ledger.sequence()
    const before = ledgerText(backing)
    expect(before.split(reference).length).toBeGreaterThan(5)

    await erased(subject)
    await privacy.ledger.sequence()
    const entries = backing.streams.get('ledger')?.get('pilvi/ledger')?.entries ?? []
    expect(JSON.stringify(entries)).toContain(reference)
    expect(await privacy.ledger.verify()).toMatchObject({ outcome: 'intact', pending: 0 })

    // The key that made the reference is gone, and the reference stands nowhere but in the ledger.
    expect(await refusal(keys.reference(subject))).toMatchObject({ code: 'conflict.erased' })
    const place = `${await keys.digest('subject', [subject])}/#ledger`
    expect(keyRecord(backing, place).value).not.toHaveProperty('material')
    for (const [name, { rows }] of backing.records) {
      if (name !== 'pending') expect(JSON.stringify([...rows]), name).not.toContain(reference)
    }
  })

  it('two installations, and two tenants of one, refer to the same person differently', async () => {
    const [one, other] = [keysScene(), keysScene({ seed: 2 })]
    const references = [
      await one.keys.reference(subject),
      await one.tenant('customer-a').reference(subject),
      await other.keys.reference(subject),
    ]
    expect(new Set(references).size).toBe(3)
  })

  it('an entry about them that waits is sequenced after the erasure like any other', async () => {
    const { backing, environment, store, keys } = keysScene()
    const ledger = createLedger('pilvi', { store, environment, keys, origin: 'o/pilvi' })
    const record = await keys.reference(subject)
    const act = { action: 'consent.denied', actor: { role: 'subject', id: record }, record } as const
    await store.commit(ledger.changes(act))
    await destroyKeys(keys, subject)
    expect(await ledger.sequence()).toBe(1)
    expect(await ledger.verify()).toMatchObject({ outcome: 'intact', entries: 1 })
    expect(ledgerText(backing)).toContain(record)
  })
})
