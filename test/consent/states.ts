/**
 * What can have been said about one purpose, in days before the decision, and what follows: by a channel that is free
 * unless denied, and by one that needs consent. Each row names the clause it rests on.
 */

import type { EventKind, Route } from '@pilvi/privacy'
import type { ConsentRule } from '../../src/consent/rules.ts'

/** A statement: what, how many days before now it was recorded, and what else is special about it. */
export interface Said {
  readonly kind: EventKind
  readonly recorded: number
  /** Days before now; absent: when it was recorded. */
  readonly effective?: number
  /** Days before now (negative: after). */
  readonly expires?: number
  /** Absent: by the route of the run, letter or phone. */
  readonly by?: Route
}

export interface State {
  readonly name: string
  readonly clause: string
  readonly said: readonly Said[]
  /** Rules by a channel that is free unless denied. */
  readonly free: readonly ConsentRule[]
  /** Rules by a channel that needs consent. */
  readonly asked: readonly ConsentRule[]
}

const denied = (recorded: number, more: Partial<Said> = {}): Said => ({ kind: 'denied', recorded, ...more })
const given = (recorded: number, more: Partial<Said> = {}): Said => ({ kind: 'given', recorded, ...more })
const refused = (recorded: number, more: Partial<Said> = {}): Said => ({ kind: 'refused', recorded, ...more })
const withdrawn = (recorded: number, more: Partial<Said> = {}): Said => ({
  kind: 'withdrawn',
  recorded,
  ...more,
})
const revoked = (recorded: number): Said => ({ kind: 'revoked', recorded })
const renewed = (recorded: number, more: Partial<Said> = {}): Said => ({ kind: 'renewed', recorded, ...more })

const promise = 'the policy, "Right for denial"'
const absolute = 'GDPR 21(2)-(3)'
const channelRule = 'channel rule (Finland)'
const backed = 'GDPR 7(1)'
const takenBack = 'GDPR 7(3)'

/** Those of one row go for every channel. */
const always = (...rules: ConsentRule[]) => ({ free: rules, asked: rules })

export const states: readonly State[] = [
  {
    name: 'nothing said',
    clause: channelRule,
    said: [],
    free: ['consent.not-denied'],
    asked: ['consent.missing'],
  },
  {
    name: 'denied',
    clause: promise,
    said: [denied(10)],
    free: ['consent.denied'],
    asked: ['consent.denied', 'consent.missing'],
  },
  {
    name: 'denied a moment ago',
    clause: absolute,
    said: [denied(0)],
    free: ['consent.denied'],
    asked: ['consent.denied', 'consent.missing'],
  },
  {
    name: 'denied by the signal of a browser',
    clause: 'Sec-GPC',
    said: [denied(10, { by: 'gpc' })],
    free: ['consent.denied'],
    asked: ['consent.denied', 'consent.missing'],
  },
  {
    name: 'on a list that ends, which has not ended',
    clause: 'telephone Robinson list',
    said: [denied(10, { by: 'list-import', expires: -1000 })],
    free: ['consent.denied'],
    asked: ['consent.denied', 'consent.missing'],
  },
  {
    name: 'a denial that has ended',
    clause: 'telephone Robinson list',
    said: [denied(100, { expires: 1 })],
    free: ['consent.not-denied'],
    asked: ['consent.missing'],
  },
  {
    name: 'a denial that ends now',
    clause: 'telephone Robinson list',
    said: [denied(100, { expires: 0 })],
    free: ['consent.not-denied'],
    asked: ['consent.missing'],
  },
  {
    name: 'a lasting denial, then one that has ended',
    clause: absolute,
    said: [denied(100), denied(50, { expires: 10 })],
    free: ['consent.denied'],
    asked: ['consent.denied', 'consent.missing'],
  },
  {
    name: 'a denial that has ended, then a lasting one',
    clause: absolute,
    said: [denied(100, { expires: 60 }), denied(50)],
    free: ['consent.denied'],
    asked: ['consent.denied', 'consent.missing'],
  },
  { name: 'consented', clause: backed, said: [given(10)], ...always('consent.given') },
  {
    name: 'a consent that ends now',
    clause: backed,
    said: [given(10, { expires: 0 })],
    free: ['consent.not-denied'],
    asked: ['consent.expired'],
  },
  {
    name: 'a consent that has expired, given anew',
    clause: backed,
    said: [given(100, { expires: 50 }), given(40)],
    ...always('consent.given'),
  },
  {
    name: 'consented, then denied',
    clause: absolute,
    said: [given(20), denied(10)],
    free: ['consent.denied'],
    asked: ['consent.denied', 'consent.superseded'],
  },
  {
    name: 'consented, then denied for a while that has passed: the consent does not come back',
    clause: absolute,
    said: [given(100), denied(50, { expires: 10 })],
    free: ['consent.not-denied'],
    asked: ['consent.superseded'],
  },
  {
    name: 'denied, then consented',
    clause: absolute,
    said: [denied(20), given(10)],
    ...always('consent.given'),
  },
  {
    name: 'denied and consented at one moment, in that order',
    clause: absolute,
    said: [denied(10), given(10)],
    ...always('consent.given'),
  },
  {
    name: 'denied, consented for a while that has passed',
    clause: absolute,
    said: [denied(100), given(50, { expires: 10 })],
    free: ['consent.denied'],
    asked: ['consent.denied', 'consent.expired'],
  },
  {
    name: 'denied, consented, withdrawn',
    clause: takenBack,
    said: [denied(30), given(20), withdrawn(10)],
    ...always('consent.denied', 'consent.withdrawn'),
  },
  {
    name: 'denied, consented, denied again',
    clause: absolute,
    said: [denied(30), given(20), denied(10)],
    free: ['consent.denied'],
    asked: ['consent.denied', 'consent.superseded'],
  },
  {
    name: 'a lasting denial, a consent, a denial that has ended',
    clause: absolute,
    said: [denied(100), given(80), denied(50, { expires: 10 })],
    free: ['consent.denied'],
    asked: ['consent.denied', 'consent.superseded'],
  },
  {
    name: 'withdrawn',
    clause: takenBack,
    said: [given(20), withdrawn(10)],
    ...always('consent.withdrawn'),
  },
  {
    name: 'withdrawn though no consent is known',
    clause: takenBack,
    said: [withdrawn(10)],
    ...always('consent.withdrawn'),
  },
  {
    name: 'withdrawn and given anew',
    clause: backed,
    said: [given(30), withdrawn(20), given(10)],
    ...always('consent.given'),
  },
  {
    name: 'revoked by the controller',
    clause: 'DPV ConsentRevoked',
    said: [given(20), revoked(10)],
    ...always('consent.revoked'),
  },
  {
    name: 'revoked, then given anew',
    clause: backed,
    said: [given(30), revoked(20), given(10)],
    ...always('consent.given'),
  },
  {
    name: 'renewed before its end',
    clause: 'DPV RenewedConsentGiven',
    said: [given(20, { expires: 5 }), renewed(10, { expires: -5 })],
    ...always('consent.given'),
  },
  {
    name: 'renewed for a while that has passed',
    clause: 'DPV RenewedConsentGiven',
    said: [given(20, { expires: 8 }), renewed(10, { expires: 5 })],
    free: ['consent.not-denied'],
    asked: ['consent.expired'],
  },
  {
    name: 'renewed, then denied by a letter written before the renewal',
    clause: absolute,
    said: [given(20), renewed(10), denied(5, { effective: 15 })],
    free: ['consent.denied'],
    asked: ['consent.denied', 'consent.superseded'],
  },
  { name: 'refused', clause: 'DPV ConsentRefused', said: [refused(10)], ...always('consent.refused') },
  {
    name: 'refused, then consented',
    clause: backed,
    said: [refused(20), given(10)],
    ...always('consent.given'),
  },
  {
    name: 'consented, then refused when asked again',
    clause: 'DPV ConsentRefused',
    said: [given(20), refused(10)],
    ...always('consent.refused'),
  },
  {
    name: 'a letter of denial that came after a consent made later',
    clause: absolute,
    said: [given(10), denied(2, { effective: 20 })],
    free: ['consent.denied'],
    asked: ['consent.denied', 'consent.superseded'],
  },
  {
    name: 'a consent found later that was made before the denial',
    clause: absolute,
    said: [denied(10), given(2, { effective: 20 })],
    free: ['consent.denied'],
    asked: ['consent.denied', 'consent.superseded'],
  },
  {
    name: 'a consent found later that was made before the withdrawal',
    clause: takenBack,
    said: [given(30), withdrawn(10), given(2, { effective: 20 })],
    ...always('consent.withdrawn'),
  },
  {
    name: 'a consent found later does not take the place of the newer one',
    clause: backed,
    said: [given(10), given(2, { effective: 300, expires: 200 })],
    ...always('consent.given'),
  },
  {
    name: 'of two consents made at one moment the one recorded later counts',
    clause: backed,
    said: [given(10, { expires: 5 }), given(8, { effective: 10 })],
    ...always('consent.given'),
  },
  {
    name: 'a withdrawal found later that was made before another, and a consent between them',
    clause: takenBack,
    said: [withdrawn(10), withdrawn(8, { effective: 30 }), given(5, { effective: 20 })],
    ...always('consent.withdrawn'),
  },
  {
    name: 'a denial found later that was made before another, and a consent between them',
    clause: absolute,
    said: [denied(10), denied(8, { effective: 30 }), given(5, { effective: 20 })],
    free: ['consent.denied'],
    asked: ['consent.denied', 'consent.superseded'],
  },
  {
    name: 'consent from a list',
    clause: backed,
    said: [given(10, { by: 'list-import' })],
    ...always('consent.listed'),
  },
  {
    name: 'denied, then on a list of consents: only the person’s own word lifts an absolute denial',
    clause: absolute,
    said: [denied(20), given(10, { by: 'list-import' })],
    free: ['consent.denied'],
    asked: ['consent.denied', 'consent.superseded'],
  },
  {
    name: 'denied, then consented by a representative',
    clause: absolute,
    said: [denied(20), given(10, { by: 'proxy' })],
    free: ['consent.denied'],
    asked: ['consent.denied', 'consent.superseded'],
  },
  {
    name: 'denied by a representative, then consented by the person',
    clause: absolute,
    said: [denied(20, { by: 'proxy' }), given(10)],
    ...always('consent.given'),
  },
  {
    name: 'refused, then consented by a representative',
    clause: backed,
    said: [refused(20), given(10, { by: 'proxy' })],
    ...always('consent.given'),
  },
  {
    name: 'withdrawn, then on a list of consents: an old list brings nothing back',
    clause: takenBack,
    said: [withdrawn(20), given(10, { by: 'list-import' })],
    ...always('consent.withdrawn'),
  },
  {
    name: 'denied, consented, then on a list: the list takes nothing away either',
    clause: absolute,
    said: [denied(30), given(20), given(10, { by: 'list-import' })],
    ...always('consent.given'),
  },
]
