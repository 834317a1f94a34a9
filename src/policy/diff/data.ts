/**
 * What changed in which data are kept, and where they come from. A new field asks for consent where a purpose that rests
 * on consent uses its category: what was consented to did not hold it. So does one that is of a special category, or comes
 * to be, and a category that becomes special (GDPR 9).
 */

import type { Category, Field, Group, Policy, Service } from '../model.ts'
import { added, entries, type Found, isSpecial, type Versions } from './change.ts'

export const dataChanges = (versions: Versions): Found[] => [
  ...ownerChanges('groups', versions),
  ...ownerChanges('services', versions),
  ...categoryChanges(versions),
  ...originChanges(versions),
]

/** Whether data of a category need consent: they are special ones, or a purpose that rests on consent uses them. */
const consented = (policy: Policy, category: string): boolean =>
  isSpecial(policy, category) ||
  Object.values(policy.purposes).some(
    ({ legalBasis, categories }) => legalBasis === 'consent' && categories.includes(category),
  )

type Owner = Group | Service

function ownerChanges(part: 'groups' | 'services', { before, after }: Versions): Found[] {
  return entries<Owner>(before[part], after[part]).flatMap(({ name, was, is }) => {
    const owner = is ?? was
    if (owner === undefined) return []
    const all = entries<Field>(was?.fields ?? {}, is?.fields ?? {})
    return all.flatMap(({ name: field, was: old, is: now }) =>
      fieldChanges({ path: `${part}.${name}.fields.${field}`, owner, old, now, after }),
    )
  })
}

interface FieldPair {
  readonly path: string
  readonly owner: Owner
  readonly old: Field | undefined
  readonly now: Field | undefined
  readonly after: Policy
}

function fieldChanges({ path, owner, old, now, after }: FieldPair): Found[] {
  const of = (data: Field) => ({
    path,
    clause: owner.clause,
    words: { group: owner.label, data: data.label },
  })
  if (now && !old) {
    const needsConsent = consented(after, now.category)
    return [{ ...of(now), rule: 'change.data-added', direction: 'against', needsConsent }]
  }
  if (old && !now) return [{ ...of(old), rule: 'change.data-removed', direction: 'for' }]
  if (!old || !now) return []
  const changes: Found[] = []
  const at = (member: keyof Field) => ({ ...of(now), path: `${path}.${member}` })
  if (now.required && !old.required) {
    changes.push({ ...at('required'), rule: 'change.data-required', direction: 'against' })
  }
  if (old.required && !now.required) {
    changes.push({ ...at('required'), rule: 'change.data-optional', direction: 'for' })
  }
  if (old.category !== now.category) {
    const needsConsent = consented(after, now.category)
    changes.push({ ...at('category'), rule: 'change.data-redefined', direction: 'unclear', needsConsent })
  }
  return changes
}

/** Kinds of data as a whole. */
function categoryChanges({ before, after }: Versions): Found[] {
  return entries<Category>(before.categories, after.categories).flatMap(({ name, was, is }): Found[] => {
    const path = `categories.${name}`
    // How long it is kept is told with it.
    const also = [`retention.${name}`]
    const of = ({ label, clause }: Category) => ({ path, also, clause, words: { name: label } })
    const specialOf = ({ label, clause }: Category) => ({
      path: `${path}.kind`,
      clause,
      words: { name: label },
      needsConsent: true,
    })
    const special = is?.kind === 'special' && was?.kind !== 'special'
    return [
      ...(is && !was ? [{ ...of(is), rule: 'change.category-added', direction: 'against' } as const] : []),
      ...(was && !is ? [{ ...of(was), rule: 'change.category-removed', direction: 'for' } as const] : []),
      ...(is && special
        ? [{ ...specialOf(is), rule: 'change.category-special', direction: 'against' } as const]
        : []),
    ]
  })
}

function originChanges({ before, after }: Versions): Found[] {
  const told =
    (rule: Found['rule'], direction: Found['direction'], { origins }: Policy) =>
    (name: string) => {
      const origin = origins[name]
      const words = { name: origin?.label ?? name }
      return { path: `origins.${name}`, clause: origin?.clause ?? '', words, rule, direction }
    }
  const [old, now] = [Object.keys(before.origins), Object.keys(after.origins)]
  return [
    ...added(old, now).map(told('change.origin-added', 'against', after)),
    ...added(now, old).map(told('change.origin-removed', 'for', before)),
  ]
}
