import { type BanList, InvalidInput, type Policy } from '@pilvi/privacy'
import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { longestRow } from '../../src/consent/csv.ts'
import { collect, customer, scene } from './scene.ts'

const groups = {
  ...pilviPolicy.groups,
  customer: {
    ...pilviPolicy.groups.customer,
    fields: {
      ...pilviPolicy.groups.customer.fields,
      phone: { ...pilviPolicy.groups.customer.fields.phone, lookup: true },
    },
  },
} as const
const denialLists = {
  'robinson-phone': { label: { en: 'Telephone Robinson' }, lasts: { years: 3 }, clause: 'Right for denial' },
  robinson: { label: { en: 'Robinson' }, clause: 'Right for denial' },
} as const
const policy: Policy = { ...pilviPolicy, groups, denialLists }
const subject = customer.subject
const asOf = '2026-11-20T00:00:00.000Z'

async function* pieces(...all: readonly (string | Uint8Array)[]) {
  yield* all
}
const list = (csv: string, more: Partial<BanList> = {}): BanList => ({
  csv: pieces(csv),
  list: 'robinson',
  purposes: ['telemarketing'],
  columns: [{ column: 1, holds: 'email' }],
  asOf,
  operator: 'agent-7',
  ...more,
})

async function held() {
  const made = scene(policy)
  const { privacy, backing } = made
  await privacy.register.save({
    ...customer,
    fields: { ...customer.fields, phone: '+358 40 123 4567' },
  } as never)
  const suppressions = () =>
    [...(backing.records.get('standings')?.rows.keys() ?? [])].filter((at) => at.includes('/contact/'))
  const asks = async (contact: string, who = 'anybody') =>
    (await privacy.consent.decide({ subject: who, purpose: 'telemarketing', channel: 'phone', contact }))
      .because[0].rule
  return { ...made, suppressions, asks, consent: privacy.consent }
}

const none = {
  rows: 0,
  contacts: 0,
  duplicates: 0,
  invalid: 0,
  faults: [],
  known: 0,
  suppressed: 0,
  denied: 0,
}

describe('the import of a ban list', () => {
  const csv = [
    'Name,Mail,Number',
    'A,Testi@Example.com,+358 40 123 4567',
    'B,other@example.com,',
    'C,OTHER@example.com,"+358 (0)40 765 43 21"',
    'D,not an address,0401112223',
    'E,,',
    'F',
    'G"x,g@example.com,',
    'H,h@example.com,12',
  ].join('\n')
  const mixed = () =>
    list(csv, {
      columns: [
        { column: 'mail', holds: 'email' },
        { column: ' NUMBER ', holds: 'phone' },
      ],
      purposes: ['telemarketing', 'market-research'],
    })
  const report = {
    rows: 8,
    contacts: 5,
    duplicates: 1,
    invalid: 6,
    faults: [
      { line: 5, reason: 'not-an-email' },
      { line: 5, reason: 'no-country' },
      { line: 6, reason: 'empty' },
      { line: 7, reason: 'columns' },
      { line: 8, reason: 'quotes' },
      { line: 9, reason: 'not-a-phone' },
    ],
    known: 1,
    suppressed: 5,
    denied: 2,
  }

  it('previews by line and reason, and writes nothing', async () => {
    const { consent, calls, suppressions, asks } = await held()
    // The first question makes the secret of the installation that addresses are digested with.
    await asks('x@example.com')
    const before = calls.length
    const found = await consent.previewBanList(mixed())
    expect(found).toEqual(report)
    expect(JSON.stringify(found)).not.toMatch(/example|not an address|040/)
    expect(calls.slice(before).filter((call) => call.startsWith('commit'))).toEqual([])
    expect(suppressions()).toEqual([])
    expect(await collect(consent.list(subject))).toEqual([])
  })

  it('does what the preview says: every contact is suppressed, and those in the register have a denial', async () => {
    const { consent, suppressions, asks } = await held()
    expect(await consent.importBanList(mixed())).toEqual(report)
    expect(suppressions()).toHaveLength(5)
    expect(await collect(consent.list(subject))).toEqual(
      ['telemarketing', 'market-research'].map((purpose) =>
        expect.objectContaining({
          kind: 'denied',
          purpose,
          by: 'list-import',
          list: 'robinson',
          operator: 'agent-7',
          effectiveAt: asOf,
        }),
      ),
    )
    expect(await asks('Other@Example.COM')).toBe('consent.suppressed')
    expect(await asks('+358407654321')).toBe('consent.suppressed')
    expect(await asks('third@example.com')).toBe('consent.not-denied')
    const call = await consent.decide({ subject, purpose: 'telemarketing', channel: 'phone' })
    expect(call.because[0].rule).toBe('consent.denied')
  })

  it('done again it writes nothing; cut off by a store that fails, it is done again and ends the same', async () => {
    const { consent, calls } = await held()
    const rows = Array.from({ length: 500 }, (_, i) => `x${i}@example.com`).join('\n')
    async function* broken() {
      yield rows
      throw new Error('the connection was lost')
    }
    await expect(consent.importBanList(list('', { csv: broken() }))).rejects.toThrow(
      'the connection was lost',
    )
    expect((await consent.previewBanList(list(rows))).suppressed).toBe(100)
    expect((await consent.importBanList(list(`${rows}\ntesti@example.com`))).suppressed).toBe(101)
    const before = calls.length
    const again = await consent.importBanList(list(`${rows}\ntesti@example.com`))
    expect([again.suppressed, again.denied, again.contacts, again.known]).toEqual([0, 0, 501, 1])
    expect(calls.slice(before).filter((call) => call.startsWith('commit'))).toEqual([])
  })

  it('previews what stands in it in several batches once', async () => {
    const { consent } = await held()
    const rows = Array.from({ length: 900 }, (_, i) => `x${i % 300}@example.com\ntesti@example.com`).join(
      '\n',
    )
    const previewed = await consent.previewBanList(list(rows))
    expect(previewed).toMatchObject({
      contacts: 301,
      duplicates: 1_499,
      suppressed: 301,
      known: 1,
      denied: 1,
    })
    expect(await consent.importBanList(list(rows))).toEqual(previewed)
  })

  it('ends with the term of its list, from the day the list was given out; a later list lasts longer', async () => {
    const { consent, asks, environment } = await held()
    const terms = { list: 'robinson-phone' }
    await consent.importBanList(list('a@example.com\ntesti@example.com', terms))
    expect(
      (await consent.importBanList(list('a@example.com', { ...terms, asOf: '2026-11-22T00:00:00.000Z' })))
        .suppressed,
    ).toBe(1)
    environment.set('2029-11-21T12:00:00.000Z')
    expect(await asks('a@example.com')).toBe('consent.suppressed')
    expect(await asks('testi@example.com', subject)).toBe('consent.not-denied')
    environment.set('2029-11-23T12:00:00.000Z')
    expect(await asks('a@example.com')).toBe('consent.not-denied')
  })

  it('leaves a denial that lasts longer, and one that the person made', async () => {
    const { consent } = await held()
    const mine = await consent.deny({ subject, purpose: 'telemarketing', by: 'link' })
    await consent.importBanList(list('testi@example.com'))
    const again = await consent.importBanList(list('testi@example.com', { list: 'robinson-phone' }))
    expect([again.suppressed, again.denied]).toEqual([0, 0])
    expect(await collect(consent.list(subject))).toEqual([mine])
  })

  it('is on record: a ledger entry a batch, by its operator, with counts and without an address', async () => {
    const { consent, privacy } = await held()
    await consent.importBanList(list('a@example.com\nb@example.com'))
    await privacy.ledger.sequence()
    const entries = await collect(privacy.ledger.list())
    const listed = entries.filter(({ action }) => action === 'consent.listed')
    expect(listed).toEqual([
      expect.objectContaining({
        actor: { role: 'operator', id: 'agent-7' },
        details: { list: 'robinson', entries: 2 },
        clause: 'Right for denial',
      }),
    ])
  })

  it('keeps no address in clear', async () => {
    const { consent, backing } = await held()
    await consent.importBanList(list('someone-else@example.com\n'))
    const all = JSON.stringify([...backing.records].map(([name, { rows }]) => [name, [...rows]]))
    expect(all).not.toContain('someone-else')
  })

  it('of an erased person suppresses the address and records nothing', async () => {
    const { consent, erase, asks } = await held()
    await erase(subject)
    const found = await consent.importBanList(list('testi@example.com'))
    expect([found.known, found.denied, found.suppressed]).toEqual([0, 0, 1])
    expect(await asks('testi@example.com')).toBe('consent.suppressed')
  })

  it('in one tenant says nothing in another', async () => {
    const { consent, privacy } = await held()
    await consent.importBanList(list('a@example.com'))
    const asked = {
      subject: 'x',
      purpose: 'telemarketing',
      channel: 'phone',
      contact: 'a@example.com',
    } as const
    expect((await privacy.tenant('shop').consent.decide(asked)).outcome).toBe('permit')
  })
})

describe('what a ban list can be', () => {
  it.each<[name: string, csv: string, more: Partial<BanList>, found: object]>([
    ['nothing', '', {}, none],
    ['headers alone', 'mail\n', { columns: [{ column: 'mail', holds: 'email' }] }, none],
    [
      'semicolons and a byte order mark',
      '\uFEFFmail;x\na@example.com;1\n',
      { separator: ';', columns: [{ column: 'mail', holds: 'email' }] },
      { rows: 1, contacts: 1, suppressed: 1 },
    ],
    [
      'national numbers with a calling code',
      '040 123 4567\n',
      { columns: [{ column: 1, holds: 'phone' }], callingCode: '+358' },
      { contacts: 1, known: 1, denied: 1 },
    ],
    [
      'numbers with 00',
      '00358401234567\n',
      { columns: [{ column: 1, holds: 'phone' }] },
      { contacts: 1, known: 1 },
    ],
  ])('%s', async (_, csv, more, found) => {
    const { consent } = await held()
    expect(await consent.importBanList(list(csv, more))).toMatchObject(found)
  })

  it.each<[name: string, csv: string, more: Partial<BanList>, error: object]>([
    [
      'no such column',
      'a,b\n',
      { columns: [{ column: 'mail', holds: 'email' }] },
      { code: 'input.invalid', path: 'list.columns[0].column' },
    ],
    [
      'no first row',
      '',
      { columns: [{ column: 'mail', holds: 'email' }] },
      { code: 'input.invalid', path: 'list.columns[0].column' },
    ],
    [
      'a column that is there twice',
      'mail,Mail\n',
      { columns: [{ column: 'mail', holds: 'email' }] },
      { code: 'input.invalid' },
    ],
    [
      'columns by name and by place',
      'a\n',
      {
        columns: [
          { column: 'a', holds: 'email' },
          { column: 2, holds: 'phone' },
        ],
      },
      { code: 'input.invalid' },
    ],
    [
      'a list that the policy does not name',
      'a\n',
      { list: 'other' },
      { code: 'input.not-in-policy', path: 'statement.list' },
    ],
    [
      'a purpose that cannot be denied',
      'a\n',
      { purposes: ['delivery'] },
      { code: 'input.not-in-policy', path: 'list.purposes[0]' },
    ],
    ['a name that every object has', 'a\n', { purposes: ['constructor'] }, { code: 'input.not-in-policy' }],
    [
      'a list of tomorrow',
      'a\n',
      { asOf: '2026-11-24T00:00:00.000Z' },
      { code: 'input.invalid', path: 'list.asOf' },
    ],
  ])('refused: %s', async (_, csv, more, error) => {
    const { consent } = await held()
    await expect(consent.previewBanList(list(csv, more))).rejects.toThrow(expect.objectContaining(error))
    await expect(consent.importBanList(list(csv, more))).rejects.toThrow(expect.objectContaining(error))
  })

  it.each<[name: string, bytes: Uint8Array]>([
    ['UTF-16 with its mark', Uint8Array.of(0xff, 0xfe, 0x61, 0, 0x40, 0)],
    ['UTF-16 without it', Uint8Array.of(0x61, 0, 0x40, 0)],
    ['Latin 1', Uint8Array.of(0xe4, 0x40, 0x61)],
    ['UTF-8 that was cut off', Uint8Array.of(0x61, 0xc3)],
  ])('refused: %s', async (_, bytes) => {
    const { consent, suppressions } = await held()
    await expect(consent.importBanList(list('', { csv: pieces(bytes) }))).rejects.toThrow(
      expect.objectContaining({ name: 'InvalidInput', code: 'input.invalid' }),
    )
    expect(suppressions()).toEqual([])
  })

  it('CSV bomb: a line of ten megabytes is refused, with the line and without its text', async () => {
    const { consent } = await held()
    const bomb = list('', {
      csv: pieces('a@example.com\n', ...Array.from({ length: 160 }, () => 'x'.repeat(longestRow))),
    })
    const error = await consent.importBanList(bomb).catch((thrown) => thrown)
    expect(error).toBeInstanceOf(InvalidInput)
    expect(error).toMatchObject({ code: 'input.too-large', path: 'csv[2]' })
    expect(error.message).not.toContain('xx')
  })

  it('formula injection: a formula is a fault like any other, and comes back nowhere', async () => {
    const { consent, backing } = await held()
    const formulas = ['=cmd|x!A1', '@SUM(A1)', '-2+3', '+HYPERLINK(1)', '=1@example.com"']
    const found = await consent.importBanList(list(formulas.join('\n')))
    expect(found.suppressed).toBe(0)
    const all = JSON.stringify([found, [...backing.records].map(([, { rows }]) => [...rows])])
    expect(all).not.toMatch(/cmd|SUM|HYPERLINK/)
  })

  it('faults are listed up to a thousand, and all counted', async () => {
    const { consent } = await held()
    const found = await consent.previewBanList(list('x\n'.repeat(1_500)))
    expect([found.invalid, found.faults.length]).toEqual([1_500, 1_000])
  })

  it('any list: the import does what the preview said, and no cell is told', async () => {
    const cell = fc.oneof(
      fc.constantFrom('testi@example.com', 'TESTI@example.com', 'b@example.com', '', '"', 'x'),
      fc.nat(30).map((n) => `p${n}@example.com`),
      fc.string({ maxLength: 5 }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(cell, { maxLength: 30 }), async (cells) => {
        const { consent, suppressions } = await held()
        const csv = cells.join('\n')
        const previewed = await consent.previewBanList(list(csv))
        expect(await consent.importBanList(list(csv))).toEqual(previewed)
        expect(suppressions()).toHaveLength(previewed.suppressed)
        expect(previewed.contacts).toBe(previewed.suppressed)
      }),
      { numRuns: 40 },
    )
  })
})
