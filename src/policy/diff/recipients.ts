/**
 * What changed in who receives data, and where they are. Transfers are held against the law of the day on which the later
 * version takes effect: a framework that is named and no longer holds opens nothing. Consent is asked for anew where a
 * recipient that may rest on consent is new or may have more.
 */

import { countryName } from '../countries.ts'
import { inEea } from '../law.ts'
import type { DisclosureGround, Recipient, Text } from '../model.ts'
import { en } from '../render/en.ts'
import { fi } from '../render/fi.ts'
import { evaluateTransfer } from '../transfer.ts'
import { added, entries, type Found, fieldLabel, labelOf, same, type Versions, type Word } from './change.ts'

interface Pair {
  readonly path: string
  readonly was: Recipient
  readonly is: Recipient
  readonly versions: Versions
}

export function recipientChanges(versions: Versions): Found[] {
  return entries(versions.before.recipients, versions.after.recipients).flatMap(({ name, was, is }) => {
    const path = `recipients.${name}`
    if (was && is) {
      const pair = { path, was, is, versions }
      return [...reach(pair), ...place(pair), ...transfer(pair)]
    }
    if (is) {
      const needsConsent = is.grounds.includes('consent')
      return [found(path, is, { rule: 'change.recipient-added', direction: 'against', needsConsent })]
    }
    return was ? [found(path, was, { rule: 'change.recipient-removed', direction: 'for' })] : []
  })
}

const countryLabel = (code: string): Text => ({ en: countryName(code, 'en'), fi: countryName(code, 'fi') })

const found = (
  path: string,
  { name, clause, country }: Recipient,
  { words = {}, ...more }: Pick<Found, 'rule' | 'direction'> & Partial<Found>,
): Found => ({ path, clause, words: { name, country: countryLabel(country), ...words }, ...more })

/** What a recipient may have, and the words for it. */
const reached = {
  fields: fieldLabel,
  purposes: (name: string, { before, after }: Versions) => labelOf(name, after.purposes, before.purposes),
  grounds: (name: string) => ({
    en: en.ground[name as DisclosureGround],
    fi: fi.ground[name as DisclosureGround],
  }),
} as const satisfies Record<string, (name: string, versions: Versions) => Word>

/** Fields, purposes and grounds that one version gives and the other does not, and where they stand. */
function beyond({ path, was, is, versions }: Pair): { readonly at: string[]; readonly data: Word[] } {
  const at: string[] = []
  const data: Word[] = []
  for (const member of ['fields', 'purposes', 'grounds'] as const) {
    const more = added<string>(was[member], is[member])
    if (more.length > 0) at.push(`${path}.${member}`)
    data.push(...more.map((name) => reached[member](name, versions)))
  }
  return { at, data }
}

function reach(pair: Pair): Found[] {
  const { was, is } = pair
  const needsConsent = is.grounds.includes('consent')
  const change = (
    { at: [at, ...also], data }: ReturnType<typeof beyond>,
    how: Pick<Found, 'rule' | 'direction'>,
  ) => (at === undefined ? [] : [{ ...found(at, is, { ...how, words: { data } }), also }])
  return [
    ...change(beyond(pair), { rule: 'change.recipient-widened', direction: 'against' }).map((each) => ({
      ...each,
      needsConsent,
    })),
    ...change(beyond({ ...pair, was: is, is: was }), {
      rule: 'change.recipient-narrowed',
      direction: 'for',
    }),
  ]
}

function place({ path, was, is, versions: { after } }: Pair): Found[] {
  const changes: Found[] = []
  if (was.country !== is.country) {
    const [from, to] = [inEea(was.country, after.date), inEea(is.country, after.date)]
    const direction = from === to ? 'unclear' : to ? 'for' : 'against'
    const words = { before: countryLabel(was.country), after: countryLabel(is.country) }
    changes.push(found(`${path}.country`, is, { rule: 'change.recipient-country', direction, words }))
  }
  if (was.role !== is.role) {
    const said = ({ role }: Recipient): Text => ({ en: en.role[role], fi: fi.role[role] })
    const words = { before: said(was), after: said(is) }
    changes.push(found(`${path}.role`, is, { rule: 'change.recipient-role', direction: 'unclear', words }))
  }
  return changes
}

function transfer({ path, was, is, versions: { after } }: Pair): Found[] {
  const [before, now] = [evaluateTransfer(was, after.date), evaluateTransfer(is, after.date)]
  const at = `${path}.transfer`
  const also = [`${path}.certification`, ...(before.rule === now.rule ? [] : [`${path}.organisation`])]
  if (before.outcome !== now.outcome) {
    return now.outcome === 'permit'
      ? [found(at, is, { also, rule: 'change.transfer-opened', direction: 'against' })]
      : [found(at, is, { also, rule: 'change.transfer-stopped', direction: 'for' })]
  }
  const rested = same(was.transfer, is.transfer) && same(was.certification, is.certification)
  // Inside the EEA nothing rests on them.
  if (before.rule === now.rule && (rested || now.rule === 'transfer.eea')) return []
  return [found(at, is, { also, rule: 'change.transfer-ground', direction: 'unclear' })]
}
