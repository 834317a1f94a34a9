import { createPrivacy, type Field, localKeys, type Policy, parsePolicy } from '@pilvi/privacy'
import { memoryStore } from '@pilvi/privacy/memory'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

type Kind = Field['kind']
const address = { street: 'Testikatu 1', postalCode: '00100', city: 'Helsinki', country: 'FI' }
const invoice = { method: 'invoice' }

/** What a field of each kind takes, and what it does not. */
const table: Readonly<Record<Kind, readonly [accepted: readonly unknown[], refused: readonly unknown[]]>> = {
  text: [
    ['Testi Henkilö', 'x', '名前', '🙂', 'x'.repeat(200), "O'Neill & Söhne <b>"],
    [
      '',
      ' ',
      'x'.repeat(201),
      'two\nlines',
      'two\u2028lines',
      'tab\t',
      'nul\0',
      '\ud800',
      7,
      null,
      {},
      ['x'],
    ],
  ],
  email: [
    ['a@example.com', 'First.Last+tag@sub.example.co.uk', "o'brien@example.com"],
    [
      '',
      'a',
      'a@',
      '@example.com',
      'a@b',
      'a b@example.com',
      'a@example.com\n',
      'a@example.com,b@example.com',
      {},
    ],
  ],
  phone: [
    ['+358 40 1234567', '040-123 4567', '(09) 123 4567', '112 3'],
    ['', '123', '+', 'call me', '+358 40 1234567 ext. 12', '+358\n401234567', '1'.repeat(33), 358401234567],
  ],
  'vat-id': [
    ['FI20774740', 'FI 20774740', 'EL094259216'],
    ['', 'FI', '20774740', 'fi20774740', 'FI20774741', 'GB980780684', 'FI20774740 and more text', 20774740],
  ],
  'company-number': [
    [
      { country: 'FI', number: '2077474-0' },
      { country: 'DE', number: 'HRB 12345' },
    ],
    [
      '2077474-0',
      { number: '2077474-0' },
      { country: 'FI' },
      { country: 'FI', number: '2077474-1' },
      { country: 'ZZ', number: '1' },
      { country: 'UK', number: '01234567' },
      { country: 'FI', number: '' },
      { country: 'FI', number: '2077474-0', note: 'x' },
    ],
  ],
  address: [
    [address, { ...address, country: 'SE' }],
    [
      'Testikatu 1',
      {},
      { ...address, country: 'Finland' },
      { ...address, country: 'ZZ' },
      { ...address, country: 'constructor' },
      { ...address, street: '' },
      { ...address, street: 'a\nb' },
      { ...address, postalCode: '1'.repeat(21) },
      { ...address, city: undefined },
      { ...address, door: 'x' },
    ],
  ],
  payment: [
    [
      invoice,
      {
        method: 'invoice',
        iban: 'FI21 1234 5600 0007 85',
        reference: '1232',
        einvoiceAddress: '003712345671',
      },
      { method: 'direct-debit', iban: 'DE89370400440532013000' },
      { method: 'card', cardReference: 'tok_1NXWPnCo6bFb1KQto6C8OWvE' },
      { method: 'card', cardReference: '550e8400-e29b-41d4-a716-446655440000' },
      { method: 'card', cardReference: '12345678901' },
    ],
    [
      'invoice',
      {},
      { method: 'barter' },
      { ...invoice, iban: 'FI21 1234 5600 0007 86' },
      { ...invoice, iban: 'FI21' },
      { ...invoice, iban: '1234' },
      { ...invoice, reference: 'call me!' },
      { ...invoice, einvoiceAddress: 'a b' },
      { ...invoice, note: 'free text' },
      { ...invoice, cardNumber: '4111111111111111' },
    ],
  ],
  date: [
    ['2026-11-23', '2024-02-29'],
    ['', '23.11.2026', '2026-02-30', '2023-02-29', '2026-11-23T10:00:00.000Z', new Date(0), 20261123],
  ],
  number: [
    [0, -1.5, 1e6],
    ['7', Number.NaN, Number.POSITIVE_INFINITY, null, {}, 7n],
  ],
  choice: [
    ['company', 'person'],
    ['', 'Company', 'partnership', 'toString', '__proto__', 0, ['company']],
  ],
}

const kinds = Object.keys(table) as Kind[]

/** A policy with a group that has one field of each kind. */
const policy: Policy = parsePolicy({
  ...pilviPolicy,
  groups: {
    ...pilviPolicy.groups,
    everything: {
      label: { en: 'x', fi: 'x' },
      tier: 'controller',
      fields: Object.fromEntries(
        kinds.map((kind) => [
          kind,
          {
            label: { en: 'x', fi: 'x' },
            kind,
            category: 'contact',
            ...(kind === 'choice' && { choices: ['company', 'person'] }),
          },
        ]),
      ),
      clause: 'Added',
    },
  },
})

const { register } = createPrivacy({
  policy,
  store: memoryStore(),
  keys: localKeys([{ id: 'k1', secret: new Uint8Array(32) }]),
  tenant: 'pilvi',
})

let count = 0
function save(kind: Kind, value: unknown) {
  const fields = { [kind]: value } as never
  return register.save({ group: 'everything', subject: `s${count++}`, origin: 'customer', fields })
}

describe.each(kinds)('a field of kind %s', (kind) => {
  const [accepted, refused] = table[kind]
  const path = new RegExp(`^record\\.fields\\.${kind}`)

  it.each(accepted.map((value) => [value]))('takes %j, and gives it back as it was given', async (value) => {
    const { subject } = await save(kind, value)
    const found = await register.find({ group: 'everything', subject })
    expect(found?.fields).toEqual({ [kind]: value })
  })

  it('refuses everything else, by its path and without the value', async () => {
    expect(refused.length).toBeGreaterThan(4)
    for (const value of [...refused, undefined, Symbol('x'), () => 'x']) {
      const error = await save(kind, value).then(
        () => `took ${String(value)}`,
        (thrown: unknown) => thrown,
      )
      expect(error).toMatchObject({
        name: 'InvalidInput',
        code: 'input.invalid',
        path: expect.stringMatching(path),
      })
      if (typeof value === 'string' && value.length > 3) expect((error as Error).message).not.toContain(value)
    }
  })
})

describe('a card number is never kept as the reference of a card', () => {
  const numbers = [
    '4111111111111111',
    '5500005555555559',
    '340000000000009',
    '30000000000004',
    '6011000000000004',
  ]
  it.each([
    ...numbers,
    '4111-1111-1111-1111',
    '4111_1111_1111_1111',
    '123456789012',
    '1234567890123456789',
    'tok_4111111111111111',
    '4111111111111111_visa',
    'visa-4111-1111-1111-1111-x',
  ])('%s', async (cardReference) => {
    await expect(save('payment', { method: 'card', cardReference })).rejects.toMatchObject({
      code: 'input.invalid',
      path: 'record.fields.payment.cardReference',
    })
  })

  it('however its digits are grouped', async () => {
    const grouped = fc
      .tuple(fc.constantFrom(...numbers), fc.array(fc.constantFrom('', '', '', '-', '_'), { minLength: 19 }))
      .map(([number, gaps]) => [...number].map((digit, i) => (i === 0 ? '' : gaps[i]) + digit).join(''))
    await fc.assert(
      fc.asyncProperty(grouped, fc.constantFrom('', 'tok_', 'x'), async (number, before) => {
        const cardReference = before + number
        await expect(save('payment', { method: 'card', cardReference })).rejects.toMatchObject({
          code: 'input.invalid',
        })
      }),
      { numRuns: 300 },
    )
  })
})
