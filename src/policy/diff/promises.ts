/**
 * What changed in the rights people have and the ways to use them, in what is promised on security, and in the statistics
 * that are published about use.
 */

import type { DenialList, DenialRoute, Right, SecondFactor, StepUpAct, Undertaking } from '../model.ts'
import { en } from '../render/en.ts'
import { fi } from '../render/fi.ts'
import { added, entries, type Found, type Versions } from './change.ts'

export const promiseChanges = (versions: Versions): Found[] => [
  ...rightChanges(versions),
  ...routeChanges(versions),
  ...listChanges(versions),
  ...factorChanges(versions),
  ...securityChanges(versions),
  ...publicationChanges(versions),
  ...thresholdChanges(versions),
]

function rightChanges({ before, after }: Versions): Found[] {
  return entries<Undertaking>(before.rights, after.rights).flatMap(({ name, was, is }): Found[] => {
    if (was && is) return []
    const right = name as Right
    const words = { name: { en: en.right[right], fi: fi.right[right] } }
    const of = { path: `rights.${name}`, clause: (is ?? was)?.clause ?? '', words }
    return [
      is
        ? { ...of, rule: 'change.right-added', direction: 'for' }
        : { ...of, rule: 'change.right-removed', direction: 'against' },
    ]
  })
}

function routeChanges({ before: { denials: was }, after: { denials: is } }: Versions): Found[] {
  const clause = (is ?? was)?.clause ?? ''
  const change = (rule: Found['rule'], direction: Found['direction']) => (route: DenialRoute) => {
    const words = { name: { en: en.route[route], fi: fi.route[route] } }
    return { path: 'denials.by', clause, rule, direction, words }
  }
  return [
    ...added(was?.by, is?.by).map(change('change.route-added', 'for')),
    ...added(is?.by, was?.by).map(change('change.route-removed', 'against')),
  ]
}

/** Lists of denials that others keep. */
function listChanges({
  before: { denialLists: was = {} },
  after: { denialLists: is = {} },
}: Versions): Found[] {
  return entries<DenialList>(was, is).flatMap(({ name, was: old, is: now }): Found[] => {
    const of = ({ clause, label }: DenialList) => ({
      path: `denialLists.${name}`,
      clause,
      words: { name: label },
    })
    if (now && !old) return [{ ...of(now), rule: 'change.list-added', direction: 'for' }]
    return old && !now ? [{ ...of(old), rule: 'change.list-removed', direction: 'against' }] : []
  })
}

/** Second factors that are offered, and what they are asked for again before. */
function factorChanges({ before: { mfa: was }, after: { mfa: is } }: Versions): Found[] {
  const change = (rule: Found['rule'], direction: Found['direction']) => {
    const of = { clause: is.clause, rule, direction }
    return {
      factor: (name: SecondFactor): Found => ({
        ...of,
        path: 'mfa.factors',
        words: { name: { en: en.factor[name], fi: fi.factor[name] } },
      }),
      act: (name: StepUpAct): Found => ({
        ...of,
        path: 'mfa.stepUp',
        words: { name: { en: en.stepUp[name], fi: fi.stepUp[name] } },
      }),
    }
  }
  return [
    ...added(was.factors, is.factors).map(change('change.factor-added', 'for').factor),
    ...added(is.factors, was.factors).map(change('change.factor-removed', 'against').factor),
    ...added(was.stepUp, is.stepUp).map(change('change.step-up-added', 'for').act),
    ...added(is.stepUp, was.stepUp).map(change('change.step-up-removed', 'against').act),
  ]
}

function securityChanges({ before, after }: Versions): Found[] {
  return entries<Undertaking>(before.security, after.security).flatMap(({ name, was, is }): Found[] => {
    const path = `security.${name}`
    if (is && !was) {
      const { clause, says } = is
      return [{ path, clause, rule: 'change.security-added', direction: 'for', words: { name: says } }]
    }
    if (is || !was) return []
    const { clause, says } = was
    return [{ path, clause, rule: 'change.security-removed', direction: 'against', words: { name: says } }]
  })
}

/** What is published about use. */
function publicationChanges({ before, after }: Versions): Found[] {
  const { clause } = after.publications
  const all = entries(before.publications.tables, after.publications.tables)
  return all.flatMap(({ name, was, is }): Found[] => {
    const of = { path: `publications.tables.${name}`, clause }
    if (is && !was) {
      return [{ ...of, rule: 'change.table-added', direction: 'against', words: { name: is.label } }]
    }
    return was && !is
      ? [{ ...of, rule: 'change.table-removed', direction: 'for', words: { name: was.label } }]
      : []
  })
}

function thresholdChanges({ before, after }: Versions): Found[] {
  const [was, is] = [before.publications.protection.k, after.publications.protection.k]
  if (was === is) return []
  const of = { path: 'publications.protection.k', clause: after.publications.clause }
  const words = { before: String(was), after: String(is) }
  return is < was
    ? [{ ...of, rule: 'change.threshold-lowered', direction: 'against', words }]
    : [{ ...of, rule: 'change.threshold-raised', direction: 'for', words }]
}
