import { describe, expect, it } from 'vitest'
import { lintPolicy } from '../../src/policy/lint.ts'
import { clauses } from '../../src/policy/pilvi/clauses.ts'
import { pilviPolicy } from '../../src/policy/pilvi.ts'
import { renderPolicy, renderRecords } from '../../src/policy/render.ts'
import { evaluateTransfer } from '../../src/policy/transfer.ts'

const on = '2026-10-01'
const findings = lintPolicy(pilviPolicy, { on })

describe('the policy of Pilvi', () => {
  it('is reported for the Privacy Shield it names, on the day of the judgment and not before', () => {
    const found = (day: typeof on | '2020-07-15' | '2020-07-16') =>
      lintPolicy(pilviPolicy, { on: day })
        .filter(({ rule }) => rule === 'policy.transfer-framework-invalid')
        .map(({ path, clause }) => [path, clause])
    const both = [
      ['recipients.support-desk.transfer.mechanism', 'Disclosure'],
      ['transferGrounds[0].mechanism', 'Disclosure'],
    ]
    expect(found(on)).toEqual(both)
    expect(found('2020-07-16')).toEqual(both)
    expect(found('2020-07-15')).toEqual([])
  })

  it('is reported for the passage left over from a template, in both languages', () => {
    const found = findings.filter(({ rule }) => rule === 'policy.template-leftover')
    expect(found.map(({ path }) => path)).toEqual(['passages[0].text.en', 'passages[0].text.fi'])
    expect(found.every(({ clause }) => clause === 'Your rights')).toBe(true)
  })

  it('has these findings, and no others', () => {
    expect(findings.map(({ severity, rule, path }) => `${severity} ${rule} ${path}`)).toEqual([
      'error policy.transfer-denied recipients.support-desk.country',
      'error policy.transfer-framework-invalid recipients.support-desk.transfer.mechanism',
      'error policy.transfer-framework-invalid transferGrounds[0].mechanism',
      'warning policy.denial-contact denials.by',
      'warning policy.rights-conditional passages[0].text.en',
      'warning policy.template-leftover passages[0].text.en',
      'warning policy.rights-conditional passages[0].text.fi',
      'warning policy.template-leftover passages[0].text.fi',
      'note policy.acceptance-by-use acceptance.by',
      'note policy.recipient-outside-eea recipients.support-desk.country',
      'note policy.law-unverified retention.payment.exemption.law',
    ])
  })

  it('is due for review a year after its date', () => {
    const stale = (day: '2026-11-01' | '2026-11-02') =>
      lintPolicy(pilviPolicy, { on: day }).some(({ rule }) => rule === 'policy.version-stale')
    expect([stale('2026-11-01'), stale('2026-11-02')]).toEqual([false, true])
  })

  it('names a heading of the written policy on every entry', () => {
    const known = new Set<unknown>(Object.values(clauses))
    const used = new Set<unknown>()
    const look = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return
      if ('clause' in value) used.add(value.clause)
      for (const member of Object.values(value)) look(member)
    }
    look(pilviPolicy)
    expect([...used].filter((clause) => !known.has(clause))).toEqual([])
    expect([...known].filter((clause) => !used.has(clause))).toEqual([])
    const entries = [
      'categories',
      'groups',
      'services',
      'origins',
      'purposes',
      'recipients',
      'retention',
    ] as const
    for (const part of entries) {
      for (const entry of Object.values(pilviPolicy[part])) expect(known.has(entry.clause)).toBe(true)
    }
  })

  it('has the four purposes that can be denied, absolutely, each under the Finnish channel rule', () => {
    const deniable = Object.entries(pilviPolicy.purposes).filter(([, purpose]) => 'denial' in purpose)
    expect(deniable.map(([name]) => name)).toEqual([
      'direct-marketing',
      'telemarketing',
      'market-research',
      'personal-research',
    ])
    for (const [, purpose] of deniable) {
      expect(purpose).toMatchObject({
        denial: { absolute: true },
        channels: { phone: 'unless-denied', sms: 'consent', 'automated-call': 'consent' },
      })
    }
    expect(pilviPolicy.purposes.telemarketing.broader).toBe('direct-marketing')
  })

  it('promises nothing that is not done: no erasure is repeated after a restore, as long as there is no journal', () => {
    for (const language of ['en', 'fi'] as const) {
      const texts = [renderPolicy, renderRecords].map((render) =>
        render(pilviPolicy, { format: 'html', language }),
      )
      for (const text of texts) expect(text).not.toMatch(/repeated|restor|toistetaan|palaut/i)
    }
  })

  it('lets every period that it tells end by itself', () => {
    expect(findings.filter(({ rule }) => rule === 'policy.retention-unswept')).toEqual([])
    const timed = Object.entries(pilviPolicy.retention).filter(([, { keep }]) => keep !== 'while-needed')
    expect(timed.map(([name]) => name)).toEqual(['usage-log', 'statistics', 'security'])
  })

  it('keeps the figures of the facts', () => {
    expect(pilviPolicy.publications).toMatchObject({
      protection: { mode: 'threshold', k: 10 },
      rawHours: 48,
      keepMonths: 25,
    })
    expect(pilviPolicy.retention.payment.exemption.rule).toEqual({
      from: 'end-of-calendar-year-of-financial-year',
      years: 6,
    })
  })

  it('transfers nothing to the recipient that rests on the framework of the text', () => {
    const desk = pilviPolicy.recipients['support-desk']
    expect(evaluateTransfer(desk, on)).toMatchObject({ outcome: 'deny', rule: 'transfer.framework-invalid' })
    for (const name of ['hosting-provider', 'tax-administration', 'product-partner'] as const) {
      expect(evaluateTransfer(pilviPolicy.recipients[name], on).rule).toBe('transfer.eea')
    }
  })
})
