/**
 * The pure decision next to CASL: the same people, the same questions, the same answers, which is checked before anything
 * is timed. CASL is given an ability that was made once, and of each person a record of the last word on each purpose and
 * when it ends: the host has worked that out already. What CASL does not know (two clocks, whose word it was, that a
 * lifted denial comes back) is not asked of it; of reasons it gives the one rule that decided.
 */

import { range, timed } from '../store/data.mjs'
import { against } from '../store/measure.mjs'
import { eventsOf, idOf, now, standingOf } from './people.mjs'

const asked = [
  ['direct-marketing', 'phone'],
  ['direct-marketing', 'email'],
  ['telemarketing', 'phone'],
  ['telemarketing', 'sms'],
  ['market-research', 'post'],
  ['market-research', 'email'],
]
const noes = ['denied', 'refused', 'withdrawn']
const never = '9999-12-31T00:00:00.000Z'

async function peers() {
  try {
    return await import('../peers/casl.mjs')
  } catch (cause) {
    throw new Error('CASL is not installed: npm ci --prefix bench/peers', { cause })
  }
}

/** Rules that are looked at from the last to the first, each for one action: a purpose by a channel. */
function abilityOf({ AbilityBuilder, createMongoAbility }) {
  const { can, cannot, build } = new AbilityBuilder(createMongoAbility)
  const said = (purpose, words) => ({
    [`said.${purpose}.word`]: Array.isArray(words) ? { $in: words } : words,
    [`said.${purpose}.until`]: { $gt: now },
  })
  for (const [purpose, channel] of asked) {
    const action = `${purpose}:${channel}`
    const why = (text) => `${text} ${purpose}`
    if (channel === 'phone' || channel === 'post') can(action, 'Person')
    if (purpose === 'telemarketing') {
      // A no to the wide purpose that was lifted for it alone stands for what lies within it.
      cannot(action, 'Person', { 'no.direct-marketing.until': { $gt: now } }).because('denied, broader')
    }
    cannot(action, 'Person', said(purpose, noes)).because(why('denied'))
    can(action, 'Person', said(purpose, 'given'))
    if (purpose === 'direct-marketing' && channel === 'phone') {
      cannot(action, 'Person', said('telemarketing', noes)).because('denied, narrower')
    }
  }
  return build()
}

function recordOf(i, { subject }) {
  const [said, no] = [{}, {}]
  for (const { kind, purpose, expiresAt = never } of eventsOf(i)) {
    said[purpose] = { word: kind, until: expiresAt }
    if (noes.includes(kind)) no[purpose] = { until: expiresAt }
  }
  return subject('Person', { id: idOf(i), said, no })
}

export async function* decisions(lib, { quick }) {
  const casl = await peers()
  const [people, rounds] = quick ? [1_200, 11] : [12_000, 31]
  const ability = abilityOf(casl)
  const records = range(0, people).map((i) => recordOf(i, casl))
  const { emptyStanding: address, pilviPolicy: policy } = lib
  const standings = range(0, people).map((i) => standingOf(lib, i))
  const decide = (standing, purpose, channel) =>
    lib.decide({ policy, purpose, channel, standing, address, at: now })
  let permitted = 0
  for (const [i, record] of records.entries()) {
    for (const [purpose, channel] of asked) {
      const ours = decide(standings[i], purpose, channel).outcome === 'permit'
      if (ours) permitted++
      if (ours !== ability.can(`${purpose}:${channel}`, record)) {
        throw new Error(`${purpose} by ${channel} differs for ${JSON.stringify(record)}`)
      }
    }
  }
  if (permitted === 0 || permitted === people * asked.length) throw new Error('every answer is the same')
  const actions = asked.map(([purpose, channel]) => `${purpose}:${channel}`)
  const ours = () => {
    let count = 0
    for (const standing of standings) {
      for (const [purpose, channel] of asked) count += decide(standing, purpose, channel).because.length
    }
    return count
  }
  const plain = () => {
    let count = 0
    for (const record of records) for (const action of actions) count += ability.can(action, record) ? 1 : 0
    return count
  }
  const reasoned = () => {
    let count = 0
    for (const record of records) {
      for (const action of actions) count += ability.relevantRuleFor(action, record)?.reason ? 1 : 0
    }
    return count
  }
  const each = async (side) => ((await timed(async () => side())) * 1_000) / (people * asked.length)
  for (const [row, hand, aim] of [
    ['decision with every reason, against CASL’s yes or no', plain, 1],
    ['decision with every reason, against CASL with the rule that decided', reasoned, 1],
  ]) {
    const { ours: own, peer, ratio } = await against(rounds, { ours, hand, each })
    yield { row, ours: own, peer, unit: 'us', ratio, aim }
  }
}
