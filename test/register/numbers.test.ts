import { type Field, InvalidInput } from '@pilvi/privacy'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkNumber } from '../../src/register/numbers.ts'
import { companyNumbers, ibans, vatIds } from './numbers.ts'

const of = (kind: Field['kind']): Field => ({ label: { en: 'x' }, kind, category: 'x' })
const check = (kind: Field['kind'], value: unknown) => checkNumber(of(kind), { value, path: 'p' })
const refused = { name: 'InvalidInput', code: 'input.invalid' }

const union = 'AT BE BG HR CY CZ DK EE FI FR DE EL HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE'.split(' ')

describe('VAT ids', () => {
  it('of all 27 member states and of Northern Ireland', () => {
    expect(Object.keys(vatIds).sort()).toEqual([...union, 'XI'].sort())
  })

  describe.each(Object.entries(vatIds))('%s', (prefix, [good, bad]) => {
    it.each(good)('%s passes', async (number) => {
      await expect(check('vat-id', `${prefix}${number}`)).resolves.toBeUndefined()
      await expect(check('vat-id', `${prefix} ${number}`)).resolves.toBeUndefined()
    })

    it.each(bad)('%s has a wrong check digit', async (number) => {
      await expect(check('vat-id', `${prefix}${number}`)).rejects.toMatchObject({ ...refused, path: 'p' })
    })

    it('is not taken for another’s, nor with its prefix twice', async () => {
      await expect(check('vat-id', `${prefix}${prefix}${good[0]}`)).rejects.toMatchObject(refused)
      await expect(check('vat-id', prefix)).rejects.toMatchObject(refused)
    })
  })

  it.each([
    'GB980780684',
    'GR094259216',
    'NO988077917',
    'US123456789',
    'ELGR094259216',
    'XIGB980780684',
    '__proto__',
  ])('%s begins with no prefix of the EU, or with two', async (value) => {
    await expect(check('vat-id', value)).rejects.toMatchObject({ ...refused, path: 'p' })
  })
})

describe('company register numbers', () => {
  describe.each(Object.entries(companyNumbers))('%s', (country, [good]) => {
    it.each(good)('%s passes', async (number) => {
      await expect(check('company-number', { country, number })).resolves.toBeUndefined()
    })
  })

  const checked = Object.entries(companyNumbers).filter(([, [, bad]]) => bad.length > 0)
  it.each(checked)('%s: wrong check digits do not', async (country, [, bad]) => {
    for (const number of bad) {
      const path = 'p.number'
      await expect(check('company-number', { country, number })).rejects.toMatchObject({ ...refused, path })
    }
  })
})

describe('no text', () => {
  const prefixes = fc.constantFrom(...Object.keys(vatIds), 'GB', 'ZZ')
  const number = fc.stringMatching(/^[A-Z0-9+* .-]{0,18}$/)

  it('makes a check fail otherwise than by refusing it', async () => {
    await fc.assert(
      fc.asyncProperty(prefixes, number, async (country, text) => {
        for (const [kind, value] of [
          ['vat-id', country + text],
          ['company-number', { country, number: text }],
          ['payment', { method: 'invoice', iban: country + text }],
        ] as const) {
          await check(kind, value).catch((error: unknown) => expect(error).toBeInstanceOf(InvalidInput))
        }
      }),
      { numRuns: 3_000 },
    )
  })
})

describe('IBANs', () => {
  const payment = (iban: string) => check('payment', { method: 'invoice', iban })

  it.each(ibans)('%s passes, with spaces and without', async (iban) => {
    await expect(payment(iban)).resolves.toBeUndefined()
    await expect(
      payment(
        iban
          .replaceAll(' ', '')
          .replaceAll(/(.{4})/g, '$1 ')
          .trim(),
      ),
    ).resolves.toBeUndefined()
  })

  it.each(ibans)('%s with one character changed, two swapped or one left out does not', async (iban) => {
    const text = iban.replaceAll(' ', '')
    const swapped = /^(.*?)(\d)(?!\2)(\d)(.*)$/.exec(text.slice(4)) ?? []
    const [, head = '', a = '', b = '', tail = ''] = swapped
    for (const spoilt of [
      `${text.slice(0, 4)}${head}${b}${a}${tail}`,
      text.slice(0, -1) + ((Number.parseInt(text.slice(-1), 36) + 1) % 10),
      text.slice(0, -1),
      `${text}0`,
      `${text.slice(0, 2)}00${text.slice(4)}`,
    ]) {
      await expect(payment(spoilt), spoilt).rejects.toMatchObject({ ...refused, path: 'p.iban' })
    }
  })

  it('are not asked for', async () => {
    await expect(check('payment', { method: 'card' })).resolves.toBeUndefined()
  })
})

it('kinds without check digits pass', async () => {
  for (const kind of ['text', 'email', 'date', 'choice'] as const) {
    await expect(check(kind, 'anything')).resolves.toBeUndefined()
  }
})
