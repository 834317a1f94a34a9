import { diffPolicy, parsePolicy } from '@pilvi/privacy'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import { describe, expect, it } from 'vitest'
import { changePhrases } from '../../src/policy/diff/phrases.ts'
import { type Case, label, purpose, surveyor, surveys } from './diff-cases.ts'
import { dataCases } from './diff-data.ts'
import { promiseCases } from './diff-promises.ts'
import { useCases } from './diff-uses.ts'
import { sound, spoilt, the } from './sound.ts'

const cases: readonly Case[] = [...useCases, ...dataCases, ...promiseCases]

describe('diffPolicy', () => {
  it.each(cases)('tells of $rule at $path, $direction the person', (one) => {
    const [before, after] = [spoilt(one.from ?? (() => {})), spoilt(one.spoil)]
    const changes = diffPolicy(before, after)
    const found = changes.filter(({ rule, path }) => rule === one.rule && path === one.path)
    expect(found).toEqual([
      {
        ...{ rule: one.rule, path: one.path, direction: one.direction },
        clause: expect.stringMatching(/^[A-Z]/),
        needsConsent: one.needsConsent ?? false,
        says: { en: expect.not.stringMatching(/[{}]/), fi: expect.not.stringMatching(/[{}]/) },
      },
    ])
    expect(changes.map(({ rule }) => rule)).not.toContain('change.otherwise')
  })

  it('has a case for every rule but the one for the rest', () => {
    const told = new Set<string>([...cases.map(({ rule }) => rule), 'change.otherwise'])
    expect([...told].sort()).toEqual(Object.keys(changePhrases).sort())
  })

  it('tells what no rule compares as worded differently, by its name and at its place', () => {
    const otherwise = (spoil: Case['spoil']) =>
      diffPolicy(sound, spoilt(spoil)).map(({ rule, path, clause, direction, says }) => [
        ...[rule, direction, path, clause],
        says.en.split(': ')[1],
      ])
    const of = (path: string, clause: string, name: string) => [
      ['change.otherwise', 'unclear', path, clause, `${name}.`],
    ]
    expect(otherwise((p) => (the(p.categories, 'log').label = label('Log')))).toEqual(
      of('categories.log.label', 'Log', 'Log'),
    )
    expect(otherwise((p) => (p.controller.email = 'b@example.fi'))).toEqual(
      of('controller.email', 'Who we are', 'Who we are'),
    )
    expect(
      otherwise((p) => (p.controller.address = { ...p.controller.address, city: 'Espoo', street: 'x' })),
    ).toEqual(of('controller.address', 'Who we are', 'Who we are'))
    expect(otherwise((p) => (p.rights.access = { says: label('New'), clause: 'Your rights' }))).toEqual(
      of('rights.access.says', 'Your rights', 'Access to your data'),
    )
    expect(otherwise((p) => (the(p.retention, 'contact').says = label('Longer')))).toEqual(
      of('retention.contact.says', 'Retention', 'Contact details'),
    )
    expect(otherwise((p) => (the(p.recipients, 'host').clause = 'New'))).toEqual(
      of('recipients.host.clause', 'New', 'Hosting company'),
    )
    expect(otherwise((p) => (the(the(p.groups, 'customer').fields, 'email').lookup = true))).toEqual(
      of('groups.customer.fields.email.lookup', 'Data', 'E-mail'),
    )
    expect(otherwise((p) => (p.timeZone = 'Europe/Oslo'))).toEqual(of('timeZone', 'Who we are', 'timeZone'))
    expect(otherwise((p) => delete p.automatedDecisions)).toEqual(
      of('automatedDecisions', 'Your rights', 'Your rights'),
    )
  })

  it('tells of a new wording beside a change of the same entry', () => {
    const after = spoilt((p) => {
      surveys(p).categories.push('log')
      surveys(p).label = label('Research')
    })
    expect(diffPolicy(sound, after).map(({ rule, path }) => [rule, path])).toEqual([
      ['change.purpose-widened', 'purposes.surveys.categories'],
      ['change.otherwise', 'purposes.surveys.label'],
    ])
  })

  it('tells of both dates of a tool and a certification that stand beside each other', () => {
    const certified = (since: `${number}-${number}-${number}`) =>
      spoilt((p) => {
        surveyor(p).certification = { scheme: 'data-privacy-framework', since: '2025-01-01' }
        surveyor(p).transfer = { ...surveyor(p).transfer, mechanism: 'standard-contractual-clauses', since }
      })
    expect(diffPolicy(certified('2026-01-01'), certified('2025-02-02'))).toMatchObject([
      { rule: 'change.transfer-ground' },
    ])
  })

  it('says no transfer rests on a tool inside the EEA', () => {
    const after = spoilt((p) => {
      the(p.recipients, 'host').transfer = { mechanism: 'binding-corporate-rules', since: '2026-01-01' }
    })
    expect(diffPolicy(sound, after)).toMatchObject([
      { rule: 'change.otherwise', path: 'recipients.host.transfer' },
    ])
  })

  it('is in Finnish where the words of the policy are, and never half', () => {
    const before = parsePolicy({ ...sound, languages: ['en'] })
    const after = spoilt((p) => {
      p.languages = ['en']
      p.purposes['profiling'] = { ...purpose, label: { en: 'Profiling' }, legalBasis: 'contract' }
      p.publications.protection.k = 11
    })
    const [added, raised] = diffPolicy(before, after)
    expect(added?.says).toEqual({ en: 'Data are used for a new purpose: Profiling.' })
    expect(raised?.says.fi).toContain('11')
  })

  it('finds nothing between two copies of one policy', () => {
    for (const policy of [sound, pilviPolicy]) expect(diffPolicy(policy, structuredClone(policy))).toEqual([])
  })
})
