/**
 * Check digits: of VAT ids and company register numbers by the stdnum library, of IBANs by ISO 13616. The library's
 * validators are loaded by the country that is asked for, because all of them together are half a megabyte.
 *
 * The prefix of a VAT id is the country's code, but for Greece (EL) and Northern Ireland (XI). A register of companies
 * that is not listed here has no check digits, or none that the library knows: its numbers are held to their form only.
 */

import { InvalidInput } from '../errors.ts'
import type { Field } from '../policy/model.ts'
import type { CompanyNumber, PaymentDetails } from './model.ts'

interface Validator {
  validate(value: string): { readonly isValid: boolean; readonly compact?: string }
}
type Load = () => Promise<Validator>

/** All member states of the EU, and Northern Ireland. */
const vat: Readonly<Record<string, Load>> = {
  AT: () => import('stdnum/lib/cjs/at/uid.js'),
  BE: () => import('stdnum/lib/cjs/be/vat.js'),
  BG: () => import('stdnum/lib/cjs/bg/vat.js'),
  CY: () => import('stdnum/lib/cjs/cy/vat.js'),
  CZ: () => import('stdnum/lib/cjs/cz/dic.js'),
  DE: () => import('stdnum/lib/cjs/de/vat.js'),
  DK: () => import('stdnum/lib/cjs/dk/cvr.js'),
  EE: () => import('stdnum/lib/cjs/ee/kmkr.js'),
  EL: () => import('stdnum/lib/cjs/gr/vat.js'),
  ES: () => import('stdnum/lib/cjs/es/nif.js'),
  FI: () => import('stdnum/lib/cjs/fi/alv.js'),
  FR: () => import('stdnum/lib/cjs/fr/tva.js'),
  HR: () => import('stdnum/lib/cjs/hr/oib.js'),
  HU: () => import('stdnum/lib/cjs/hu/anum.js'),
  IE: () => import('stdnum/lib/cjs/ie/vat.js'),
  IT: () => import('stdnum/lib/cjs/it/iva.js'),
  LT: () => import('stdnum/lib/cjs/lt/pvm.js'),
  LU: () => import('stdnum/lib/cjs/lu/tva.js'),
  LV: () => import('stdnum/lib/cjs/lv/pvn.js'),
  MT: () => import('stdnum/lib/cjs/mt/vat.js'),
  NL: () => import('stdnum/lib/cjs/nl/btw.js'),
  PL: () => import('stdnum/lib/cjs/pl/nip.js'),
  PT: () => import('stdnum/lib/cjs/pt/nif.js'),
  RO: () => import('stdnum/lib/cjs/ro/cui.js'),
  SE: () => import('stdnum/lib/cjs/se/vat.js'),
  SI: () => import('stdnum/lib/cjs/si/ddv.js'),
  SK: () => import('stdnum/lib/cjs/sk/dph.js'),
  XI: () => import('stdnum/lib/cjs/gb/vat.js'),
}

/** Registers of companies whose numbers carry check digits, or a form of their own. */
const companies: Readonly<Record<string, Load>> = {
  AT: () => import('stdnum/lib/cjs/at/businessid.js'),
  BE: () => import('stdnum/lib/cjs/be/vat.js'),
  CH: () => import('stdnum/lib/cjs/ch/uid.js'),
  CZ: () => import('stdnum/lib/cjs/cz/ico.js'),
  DK: () => import('stdnum/lib/cjs/dk/cvr.js'),
  EE: () => import('stdnum/lib/cjs/ee/registrikood.js'),
  ES: () => import('stdnum/lib/cjs/es/cif.js'),
  FI: () => import('stdnum/lib/cjs/fi/ytunnus.js'),
  FR: () => import('stdnum/lib/cjs/fr/siren.js'),
  HR: () => import('stdnum/lib/cjs/hr/oib.js'),
  IS: () => import('stdnum/lib/cjs/is/kennitala.js'),
  LV: () => import('stdnum/lib/cjs/lv/pvn.js'),
  NO: () => import('stdnum/lib/cjs/no/orgnr.js'),
  PT: () => import('stdnum/lib/cjs/pt/nif.js'),
  SE: () => import('stdnum/lib/cjs/se/orgnr.js'),
}

/** How long an IBAN is, by country (ISO 13616, the IBAN registry); elsewhere 15 to 34. */
const ibanLengths = new Map(
  (
    'AD24 AT20 BE16 BG22 CH21 CY28 CZ24 DE22 DK18 EE20 ES24 FI18 FO18 FR27 GB22 GI23 GL18 GR27 HR21 HU28 IE22 IS26 IT27 ' +
    'LI21 LT20 LU20 LV21 MC27 MT31 NL18 NO15 PL28 PT25 RO24 SE24 SI19 SK24 SM27 VA22'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
)

const digitsFail = (path: string): InvalidInput =>
  new InvalidInput('input.invalid', `${path} does not pass its check digits`, { path })

/**
 * Checks the digits of a parsed field; kinds without any pass.
 * @throws InvalidInput `input.invalid`
 */
export async function checkNumber(
  field: Field,
  { value, path }: { value: unknown; path: string },
): Promise<void> {
  if (field.kind === 'vat-id') return checkVat(value as string, path)
  if (field.kind === 'company-number') return checkCompany(value as CompanyNumber, path)
  if (field.kind === 'payment') {
    const { iban } = value as PaymentDetails
    if (iban !== undefined && !isIban(iban)) throw digitsFail(`${path}.iban`)
  }
}

async function checkVat(value: string, path: string): Promise<void> {
  const prefix = value.slice(0, 2)
  const load = Object.hasOwn(vat, prefix) ? vat[prefix] : undefined
  if (load === undefined) {
    throw new InvalidInput('input.invalid', `${path} must begin with the prefix of an EU country`, { path })
  }
  // Without its prefix, because not every validator knows its own (XI, EL); and those that do would take it twice.
  const number = value.slice(2).replaceAll(/[ .-]/g, '')
  const twice = [prefix, ...(prefix === 'EL' ? ['GR'] : []), ...(prefix === 'XI' ? ['GB'] : [])]
  if (twice.some((each) => number.startsWith(each)) || !(await passes(load, number))) {
    throw digitsFail(path)
  }
}

async function passes(load: Load, number: string): Promise<boolean> {
  const { validate } = await load()
  try {
    return validate(number).isValid
  } catch {
    // Some validators throw on what has not even their form (`nl/btw` without a B).
    return false
  }
}

async function checkCompany({ country, number }: CompanyNumber, path: string): Promise<void> {
  const load = Object.hasOwn(companies, country) ? companies[country] : undefined
  if (load !== undefined && !(await passes(load, number))) throw digitsFail(`${path}.number`)
}

/** ISO 13616: four characters moved to the end, letters as 10 to 35, the remainder by 97 is 1. */
function isIban(text: string): boolean {
  const compact = text.replaceAll(' ', '')
  if (!/^[A-Z]{2}\d\d[A-Z0-9]{11,30}$/.test(compact)) return false
  if (compact.length !== (ibanLengths.get(compact.slice(0, 2)) ?? compact.length)) return false
  let rest = 0
  for (const c of compact.slice(4) + compact.slice(0, 4)) {
    const value = Number.parseInt(c, 36)
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97
  }
  return rest === 1
}
