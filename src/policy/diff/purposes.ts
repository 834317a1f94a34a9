/**
 * What changed in what data are used for. Consent is asked for anew where a purpose rests on consent and is new or wider,
 * where special categories of data are used that were not (GDPR 9), where the basis changed to or from consent (GDPR 6(1)(a), 7), and where a channel needs consent that did not before.
 */

import type { Channel, Purpose, Text } from '../model.ts'
import { en } from '../render/en.ts'
import { fi } from '../render/fi.ts'
import { added, entries, type Found, isSpecial, labelOf, type Versions } from './change.ts'
import { openness } from './phrases.ts'

/** Both versions of a purpose, and where it stands. */
interface Pair {
  readonly path: string
  readonly was: Purpose
  readonly is: Purpose
  readonly versions: Versions
}

export function purposeChanges(versions: Versions): Found[] {
  return entries(versions.before.purposes, versions.after.purposes).flatMap(({ name, was, is }) => {
    const path = `purposes.${name}`
    if (was && is)
      return [
        ...basis({ path, was, is, versions }),
        ...uses({ path, was, is, versions }),
        ...contacts({ path, was, is, versions }),
        ...denials({ path, was, is, versions }),
      ]
    if (is) return [addedPurpose(path, is, versions)]
    return was ? [removedPurpose(path, was)] : []
  })
}

const found = (
  path: string,
  { label, clause }: Purpose,
  { words = {}, ...more }: Pick<Found, 'rule' | 'direction'> & Partial<Found>,
): Found => ({ path, clause, words: { name: label, ...words }, ...more })

/** Of one within a wider purpose its noes are not told from those to others any more. */
const removedPurpose = (path: string, was: Purpose): Found =>
  found(path, was, {
    rule: 'change.purpose-removed',
    direction: was.broader === undefined ? 'for' : 'unclear',
  })

const addedPurpose = (path: string, is: Purpose, { after }: Versions): Found =>
  found(path, is, {
    rule: 'change.purpose-added',
    direction: 'against',
    needsConsent: is.legalBasis === 'consent' || is.categories.some((name) => isSpecial(after, name)),
  })

/** What had no basis was denied whatever was said: any basis opens it. */
function directionOf({ legalBasis: before }: Purpose, { legalBasis: after }: Purpose): Found['direction'] {
  if (before === 'consent' || after === undefined) return 'against'
  return after === 'consent' && before !== undefined ? 'for' : 'unclear'
}

function basis({ path, was, is }: Pair): Found[] {
  if (was.legalBasis === is.legalBasis) return []
  const said = ({ legalBasis }: Purpose): Text =>
    legalBasis === undefined
      ? { en: en.says.basisMissing, fi: fi.says.basisMissing }
      : { en: en.basis[legalBasis], fi: fi.basis[legalBasis] }
  const [from, to] = [was.legalBasis === 'consent', is.legalBasis === 'consent']
  return [
    found(`${path}.legalBasis`, is, {
      rule: 'change.basis',
      direction: directionOf(was, is),
      needsConsent: from || to,
      words: { before: said(was), after: said(is) },
    }),
  ]
}

function uses({ path, was, is, versions: { before, after } }: Pair): Found[] {
  const at = `${path}.categories`
  const data = (names: readonly string[]) =>
    names.map((name) => labelOf(name, after.categories, before.categories))
  const more = added(was.categories, is.categories)
  const less = added(is.categories, was.categories)
  const changes: Found[] = []
  if (more.length > 0) {
    const needsConsent = is.legalBasis === 'consent' || more.some((name) => isSpecial(after, name))
    const words = { data: data(more) }
    changes.push(found(at, is, { rule: 'change.purpose-widened', direction: 'against', needsConsent, words }))
  }
  if (less.length > 0) {
    changes.push(
      found(at, is, { rule: 'change.purpose-narrowed', direction: 'for', words: { data: data(less) } }),
    )
  }
  if (is.marketing && !was.marketing) {
    const needsConsent = is.legalBasis === 'consent'
    changes.push(
      found(`${path}.marketing`, is, { rule: 'change.marketing', direction: 'against', needsConsent }),
    )
  }
  return changes
}

const grades = ['never', 'consent', 'unless-denied'] as const
const channels = Object.keys(en.channel) as Channel[]

/** A purpose without rules by channel may use any; one with them uses those it names. */
const gradeOf = ({ channels }: Purpose, channel: Channel): (typeof grades)[number] =>
  channels === undefined ? 'unless-denied' : (channels[channel] ?? 'never')

const channelLabel = (channel: Channel): Text => ({ en: en.channel[channel], fi: fi.channel[channel] })

function contacts({ path, was, is }: Pair): Found[] {
  const graded = channels.flatMap((channel): Found[] => {
    const [before, after] = [gradeOf(was, channel), gradeOf(is, channel)]
    if (before === after) return []
    const looser = grades.indexOf(after) > grades.indexOf(before)
    return [
      found(`${path}.channels.${channel}`, is, {
        rule: looser ? 'change.channel-loosened' : 'change.channel-tightened',
        // What was said about it need not be about the channel any more, and a wider purpose may use that.
        direction: looser ? 'against' : after === 'never' && is.broader !== undefined ? 'unclear' : 'for',
        needsConsent: after === 'consent',
        words: { channel: channelLabel(channel), before: openness[before], after: openness[after] },
      }),
    ]
  })
  return [...graded, ...customers({ path, was, is })]
}

/** The exception for existing customers (Directive 2002/58/EC 13(2)). */
function customers({ path, was, is }: Omit<Pair, 'versions'>): Found[] {
  const at = `${path}.existingCustomers.channels`
  const [before, after] = [was.existingCustomers?.channels, is.existingCustomers?.channels]
  const change = (channel: Channel, widened: boolean): Found =>
    found(at, is, {
      rule: widened ? 'change.customers-widened' : 'change.customers-narrowed',
      direction: widened ? 'against' : 'for',
      words: { channel: channelLabel(channel) },
    })
  return [
    ...added(before, after).map((channel) => change(channel, true)),
    ...added(after, before).map((channel) => change(channel, false)),
  ]
}

function denials({ path, was, is, versions: { before, after } }: Pair): Found[] {
  const changes: Found[] = []
  const say = (
    rule: Found['rule'],
    direction: Found['direction'],
    { at, words = {} }: { readonly at: string; readonly words?: Found['words'] },
  ) => changes.push(found(`${path}.${at}`, is, { rule, direction, words }))
  if (is.denial && !was.denial) say('change.denial-added', 'for', { at: 'denial' })
  if (was.denial && !is.denial) say('change.denial-removed', 'against', { at: 'denial' })
  if (was.denial && is.denial && was.denial.absolute !== is.denial.absolute) {
    const at = 'denial.absolute'
    if (is.denial.absolute) say('change.denial-strengthened', 'for', { at })
    else say('change.denial-weakened', 'against', { at })
  }
  if (was.denial?.signal !== is.denial?.signal) {
    const at = 'denial.signal'
    if (is.denial?.signal === undefined) say('change.signal-removed', 'against', { at })
    else say('change.signal-added', 'for', { at })
  }
  if (was.broader !== is.broader) {
    const wider = (name: string) => ({
      at: 'broader',
      words: { wider: labelOf(name, after.purposes, before.purposes) },
    })
    if (was.broader !== undefined) say('change.denial-narrowed', 'against', wider(was.broader))
    if (is.broader !== undefined) say('change.denial-widened', 'for', wider(is.broader))
  }
  return changes
}
