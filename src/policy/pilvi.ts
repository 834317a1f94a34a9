/**
 * Pilvi's privacy policy (updated 1 November 2025) as data, clause by clause; every entry names the heading of the
 * written policy that it implements (`clauses.ts`). Two flaws of the original are kept on purpose, because linting
 * must find them: it names the Privacy Shield as the framework for transfers, and one passage still begins with the
 * words of the template it came from.
 */

import { definePolicy } from './define.ts'
import { clauses } from './pilvi/clauses.ts'
import { categories, groups, origins, ownData, services } from './pilvi/data.ts'
import {
  acceptance,
  automatedDecisions,
  denials,
  obligation,
  passages,
  rights,
  security,
  updates,
} from './pilvi/promises.ts'
import { backups, retention } from './pilvi/retention.ts'
import { publications, purposes, recipients, transferGrounds } from './pilvi/uses.ts'

/** The policy of Pilvi Cloud Company Oy, with its names as literal types. */
export const pilviPolicy = definePolicy({
  id: 'pilvi',
  version: '2025-11-01',
  date: '2025-11-01',
  languages: ['en', 'fi'],
  timeZone: 'Europe/Helsinki',
  jurisdiction: 'FI',
  title: { en: 'Privacy policy', fi: 'Tietosuojaseloste' },
  controller: {
    name: 'Pilvi Cloud Company Oy',
    address: { street: 'Upseerinkatu 1', postalCode: '02600', city: 'Espoo', country: 'FI' },
    email: 'contact@pilvi.com',
    officer: { en: 'Register officer', fi: 'Rekisteriasioista vastaava henkilö' },
    register: { en: 'Customer register', fi: 'Asiakasrekisteri' },
    financialYearEnd: '12-31',
    clause: clauses.who,
  },
  supervisoryAuthority: {
    name: { en: 'Office of the Data Protection Ombudsman', fi: 'Tietosuojavaltuutetun toimisto' },
    url: 'https://tietosuoja.fi',
    clause: clauses.review,
  },
  categories,
  ownData,
  groups,
  services,
  origins,
  purposes,
  recipients,
  transferGrounds,
  backups,
  retention,
  publications,
  rights,
  denials,
  obligation,
  automatedDecisions,
  security,
  mfa: {
    offered: 'optional',
    factors: ['totp', 'passkey', 'recovery-code'],
    // Whoever has no factor uses their rights without one; whoever has one is protected by it there as well.
    stepUp: ['erasure', 'export', 'factor-change'],
    reset: { hours: 24 },
    clause: clauses.security,
  },
  acceptance,
  updates,
  passages,
})
