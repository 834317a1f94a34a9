import type { DisclosureDecision } from '@pilvi/privacy'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evaluateTransfer } from '../../src/policy/transfer.ts'
import { scene } from '../consent/scene.ts'
import type { Question } from './cases.ts'
import { linked, questions, statements } from './drawn.ts'
import { policy } from './policy.ts'
import { expectAccount, type Held, say, subject } from './scene.ts'

type Said = Parameters<typeof say>[1]

const declared = ({ recipient }: Question) =>
  Object.hasOwn(policy.recipients, recipient) ? policy.recipients[recipient] : undefined

async function asked(question: Question, before: { said: Said; link: string }): Promise<Held> {
  const held = scene(policy)
  await say(held, before.said)
  // The secrets of the installation are made at the first question, whatever it is.
  await held.privacy.consent.decide({ subject: 'somebody else', purpose: 'delivery' })
  const partner = declared(question)?.grounds.includes('partner')
  if (before.link === 'linked' && partner)
    await held.privacy.disclosure.link({ subject, recipient: question.recipient })
  return held
}

/** That everything a permit rests on is declared: by the policy, by the person, or in the question. */
function expectDeclared(
  question: Question,
  { decision, link }: { decision: DisclosureDecision; link: string },
): void {
  const { ground, purpose, law, agreement, derogation } = question
  const recipient = declared(question)
  if (recipient === undefined) throw new Error('permitted to somebody whom the policy does not name')
  expect(recipient.fields).toEqual(expect.arrayContaining([...decision.fields]))
  expect(recipient.grounds).toContain(ground)
  expect(recipient.purposes).toContain(purpose)
  if (ground === 'partner') expect(link).toBe('linked')
  if (ground === 'agreement') expect(agreement).toBeDefined()
  expect(law !== undefined).toBe(ground === 'law')
  if (law?.secrecy !== undefined) expect(recipient.role).toBe('authority')
  const transfer = evaluateTransfer({ ...recipient, ...(derogation && { derogation }) }, '2026-11-23')
  expect([transfer.outcome, transfer.rule]).toEqual(['permit', decision.because[1]?.rule])
}

describe('no question', () => {
  it('is permitted that not everything speaks for, and none is permitted without being on record', async () => {
    let permitted = 0
    await fc.assert(
      fc.asyncProperty(questions, statements, linked, async (question, said, link) => {
        const held = await asked(question, { said, link })
        const decision = await held.privacy.disclosure.decide({ ...question, subject })
        await expectAccount(held, { question, decision })
        if (decision.outcome === 'deny') return
        permitted++
        expectDeclared(question, { decision, link })
      }),
      { numRuns: 400, seed: 7 },
    )
    expect(permitted).toBeGreaterThan(50)
  })

  it('is looked at otherwise than it is decided, and looking leaves no trace', async () => {
    const outcomes = { permit: 0, deny: 0 }
    await fc.assert(
      fc.asyncProperty(questions, statements, linked, async (question, said, link) => {
        const { privacy, calls, environment } = await asked(question, { said, link })
        calls.length = 0
        const looked = await privacy.disclosure.evaluate({ ...question, subject })
        expect(calls.filter((call) => call.startsWith('commit'))).toEqual([])
        const { record, ...decided } = await privacy.disclosure.decide({ ...question, subject })
        expect(looked).toEqual(decided)
        const on = environment.now().slice(0, 10) as '2026-11-23'
        expect(await privacy.disclosure.evaluate({ ...question, subject, on })).toEqual(decided)
        expect(record !== undefined).toBe(decided.outcome === 'permit')
        outcomes[decided.outcome]++
      }),
      { numRuns: 200, seed: 11 },
    )
    expect(Math.min(outcomes.permit, outcomes.deny)).toBeGreaterThan(20)
  })

  it('lets a member out of a record that was not asked for, or is none of the recipient’s', async () => {
    const record = fc.dictionary(
      fc.constantFrom(
        'customer.email',
        'customer.contactPerson',
        'customer.vatId',
        'customer.iban',
        '__proto__',
        'email',
      ),
      fc.string(),
    )
    let given = 0
    await fc.assert(
      fc.asyncProperty(questions, linked, record, async (question, link, host) => {
        const { privacy } = await asked(question, { said: [], link })
        const decision = await privacy.disclosure.decide({ ...question, subject })
        if (decision.outcome === 'deny') {
          expect(() => privacy.disclosure.apply(decision, host)).toThrow()
          return
        }
        const cut = privacy.disclosure.apply(decision, host)
        const members = Object.keys(cut)
        given += members.length
        const allowed = declared(question)?.fields ?? []
        for (const name of members) {
          expect(question.fields).toContain(name)
          expect(allowed).toContain(name)
          expect(cut[name]).toBe(host[name])
        }
        // And nothing that may be given is held back.
        expect(members.sort()).toEqual(
          [...new Set<string>(question.fields)].filter((name) => Object.hasOwn(host, name)).sort(),
        )
      }),
      { numRuns: 300, seed: 3 },
    )
    expect(given).toBeGreaterThan(30)
  })
})
