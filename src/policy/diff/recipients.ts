/**
 * What changed in who receives data, and where they are. Transfers are held against the law of the day on which the later
 * version takes effect: a framework that is named and no longer holds opens nothing. Consent is asked for anew where a
 * recipient that may rest on consent is new or may have more.
 */

import { countryName } from '../countries.ts'
import { inEea } from '../law.ts'
import type { Recipient, Text } from '../model.ts'
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

/** Fields, purposes and grounds that one version gives and the other does not. */
function beyond({ was, is, versions }: Omit<Pair, 'path'>): Word[] {
  const { before, after } = versions
  return [
    ...added(was.fields, is.fields).map((field) => fieldLabel(field, versions)),
    ...added(was.purposes, is.purposes).map((name) => labelOf(name, after.purposes, before.purposes)),
    ...added(was.grounds, is.grounds).map((ground) => ({ en: en.ground[ground], fi: fi.ground[ground] })),
  ]
}

function reach({ path, was, is, versions }: Pair): Found[] {
  const more = beyond({ was, is, versions })
  const less = beyond({ was: is, is: was, versions })
  const needsConsent = is.grounds.includes('consent')
  return [
    ...(more.length > 0
      ? [
          found(path, is, {
            rule: 'change.recipient-widened',
            direction: 'against',
            needsConsent,
            words: { data: more },
          }),
        ]
      : []),
    ...(less.length > 0
      ? [found(path, is, { rule: 'change.recipient-narrowed', direction: 'for', words: { data: less } })]
      : []),
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
  if (before.outcome !== now.outcome) {
    return now.outcome === 'permit'
      ? [found(at, is, { rule: 'change.transfer-opened', direction: 'against' })]
      : [found(at, is, { rule: 'change.transfer-stopped', direction: 'for' })]
  }
  const rested = (each: Recipient) => ({ ...each.transfer, ...each.certification })
  if (before.rule === now.rule && same(rested(was), rested(is))) return []
  return [found(at, is, { rule: 'change.transfer-ground', direction: 'unclear' })]
}
