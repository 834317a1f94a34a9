/**
 * The places at which two versions differ and of which no rule tells: told as worded or arranged differently, one change
 * for each entry of the policy, at the place where all of its differences are. So nothing changes unnoticed.
 */

import type { Policy, Right, Text } from '../model.ts'
import { en } from '../render/en.ts'
import { fi } from '../render/fi.ts'
import { differences, type Found, isNamed, labelOf, type Versions, type Word } from './change.ts'

/** Members whose entries are told one by one. */
const byEntry: ReadonlySet<string> = new Set([
  'categories',
  'groups',
  'services',
  'origins',
  'purposes',
  'recipients',
  'denialLists',
  'retention',
  'rights',
  'security',
])

export function otherChanges({ before, after }: Versions, told: readonly Found[]): Found[] {
  const places = told.flatMap(({ path, also = [] }) => [path, ...also])
  const parts = new Map<string, string[]>()
  for (const path of differences(before, after, '')) {
    // Of what is there in one version only, something was told; of anything else, it itself or all around it.
    if (places.some((place) => isWithin(path, place) || isWithin(place, path))) continue
    const [member = '', entry] = path.split('.')
    const part = byEntry.has(member) ? `${member}.${entry}` : member
    parts.set(part, [...(parts.get(part) ?? []), path])
  }
  return [...parts.values()].map((paths): Found => {
    const path = paths.reduce(inCommon)
    const clause = nearest(path, { before, after }, clauseOf) ?? after.controller.clause
    const name = nameOf(path, { before, after })
    return { rule: 'change.otherwise', path, clause, direction: 'unclear', words: { name } }
  })
}

/** Whether a path is another one, or below it. */
const isWithin = (path: string, place: string): boolean => path === place || path.startsWith(`${place}.`)

/** What two paths begin with. */
function inCommon(a: string, b: string): string {
  const [these, those] = [a.split('.'), b.split('.')]
  const end = these.findIndex((name, i) => name !== those[i])
  return end < 0 ? a : these.slice(0, end).join('.')
}

type Part = Readonly<Record<string, unknown>>

const clauseOf = ({ clause }: Part): string | undefined => (typeof clause === 'string' ? clause : undefined)

/** An entry's label; of a recipient its name. */
const labelWithin = ({ label, name }: Part): Text | undefined => [label, name].find(isText)

const isText = (value: unknown): value is Text => isNamed(value) && typeof value['en'] === 'string'

/** What people call the part at a path. */
function nameOf(path: string, versions: Versions): Word {
  const [member, entry = ''] = path.split('.')
  if (member === 'rights') return { en: en.right[entry as Right], fi: fi.right[entry as Right] }
  if (member === 'retention') {
    return labelOf(entry, versions.after.categories, versions.before.categories)
  }
  return nearest(path, versions, labelWithin) ?? nearest(path, versions, clauseOf) ?? path
}

/** What the nearest part around a path says of itself, in the later version or else the earlier one. */
function nearest<T>(
  path: string,
  { before, after }: Versions,
  says: (part: Part) => T | undefined,
): T | undefined {
  for (const policy of [after, before]) {
    const said = [...along(policy, path)].map(says).findLast((each) => each !== undefined)
    if (said !== undefined) return said
  }
  return undefined
}

/** The parts on the way to a path, the policy itself left out. */
function* along(policy: Policy, path: string): Iterable<Part> {
  let part: unknown = policy
  for (const name of path.split('.')) {
    part = isNamed(part) && Object.hasOwn(part, name) ? part[name] : undefined
    if (isNamed(part)) yield part
  }
}
