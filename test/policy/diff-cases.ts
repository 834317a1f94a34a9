/** What a change of the sound policy is told as: the shape of a case, and what cases are made of. */

import type { ChangeRule, Policy, PolicyChange } from '@pilvi/privacy'
import { type Mutable, the } from './sound.ts'

export interface Case {
  readonly rule: ChangeRule
  readonly path: string
  readonly direction: PolicyChange['direction']
  /** Absent: no. */
  readonly needsConsent?: true
  readonly spoil: (policy: Mutable<Policy>) => void
  /** Of the two policies, where it is not the sound one that is changed. */
  readonly from?: (policy: Mutable<Policy>) => void
}

export const label = (en: string) => ({ en, fi: `${en} (fi)` })
export const marketing = (policy: Mutable<Policy>) => the(policy.purposes, 'marketing')
export const surveys = (policy: Mutable<Policy>) => the(policy.purposes, 'surveys')
export const surveyor = (policy: Mutable<Policy>) => the(policy.recipients, 'surveyor')
export const list = { label: label('Robinson list'), clause: 'Denial' }
export const purpose = {
  label: label('Profiling'),
  categories: ['contact'],
  vocabulary: [],
  clause: 'Purposes',
}
export const table = {
  label: label('Sources'),
  dimensions: ['source' as const],
  measures: ['visits' as const],
  cellsPerSession: 2,
}

/** A change one way, and the same the other way. */
export const both = (
  one: Omit<Case, 'from'>,
  { rule, ...back }: Pick<Case, 'rule'> & Partial<Case>,
): Case[] => [
  one,
  {
    rule,
    path: one.path,
    direction: one.direction === 'for' ? 'against' : one.direction === 'against' ? 'for' : 'unclear',
    spoil: () => {},
    from: one.spoil,
    ...back,
  },
]
