import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { definePolicy } from '../../src/policy/define.ts'
import { textsOf } from '../../src/policy/lint/rule.ts'
import type { Policy, Text } from '../../src/policy/model.ts'
import { pilviPolicy } from '../../src/policy/pilvi.ts'
import { escapeMarkdown, toHtml, toMarkdown } from '../../src/policy/render/document.ts'
import { fill, phrases } from '../../src/policy/render/phrases.ts'
import { renderPolicy, renderRecords } from '../../src/policy/render.ts'
import { spoilt, the } from './sound.ts'

const languages = ['en', 'fi'] as const
const formats = ['markdown', 'html'] as const
const renderers = [
  ['renderPolicy', renderPolicy],
  ['renderRecords', renderRecords],
] as const
const all = renderers.flatMap(([name, render]) =>
  languages.flatMap((language) => formats.map((format) => ({ name, render, language, format }))),
)

/** Every text of a policy replaced. */
function retold(policy: Policy, tell: (text: Text) => Text): Policy {
  const texts = new Set<unknown>([...textsOf(policy)].map(({ text }) => text))
  const walk = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value
    if (texts.has(value)) return tell(value as Text)
    if (Array.isArray(value)) return value.map(walk)
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, walk(member)]))
  }
  return walk(policy) as Policy
}

/** The tags of a page, in order: what a text could add to if it were not inert. */
const tags = (html: string): string[] =>
  html.replace(/<style>[\s\S]*?<\/style>/, '<style>').match(/<[^>]*>/g) ?? []

/** What begins each line of a page of Markdown, and where cells end. */
const structure = (markdown: string): string[] =>
  markdown.split('\n').map((line) => {
    const start = /^(?:#{1,6} | *- (?:\*\*)?|\|)?/.exec(line)?.[0] ?? ''
    return `${start}${(line.match(/(?<!\\)(?:\\\\)*\|/g) ?? []).length}`
  })

describe('renderPolicy: complete under GDPR 13 and 14', () => {
  const items: readonly (readonly [clause: string, ...parts: string[]])[] = [
    ['13(1)(a)', 'Pilvi Cloud Company Oy', 'Upseerinkatu 1, 02600 Espoo, Finland', 'contact@pilvi.com'],
    ['13(1)(c)', 'Delivery of the services', 'Performance of a contract', 'Legitimate interests'],
    ['13(1)(d)', 'being able to show what was ordered'],
    ['13(1)(e)', 'Hosting subcontractor', 'Finnish Tax Administration', 'Estonia'],
    ['13(1)(f)', 'Transfers outside the European Economic Area', 'Privacy Shield', 'declared invalid'],
    [
      '13(2)(a)',
      'How long data are kept',
      '48 hours after the end of the day',
      'Kept for 6 years from the end',
    ],
    [
      '13(2)(b)',
      'Access to your data',
      'Correction',
      'Erasure',
      'Restriction of use',
      'Objection',
      'in a file',
    ],
    ['13(2)(c)', 'Withdrawal of consent'],
    ['13(2)(d)', 'Complaint', 'Office of the Data Protection Ombudsman', 'https://tietosuoja.fi'],
    ['13(2)(e)', 'Must you give the data?', 'contact person, e-mail and VAT id or company register number'],
    ['13(2)(f)', 'Automated decisions', 'No decisions are made about you by automated means alone'],
    ['14(1)(d)', 'What data we keep', 'Session identifier, IP address and DNS name'],
    ['14(2)(f)', 'public sources, such as company registers'],
    ['21(4)', 'Your right to prohibit', 'Telemarketing', 'by letter, by e-mail or by telephone'],
    ['32', 'encrypted in transit (TLS)', 'second factor'],
    ['statistics', 'at least 10 sessions', '48 hours', '25 months', 'DNS names are never published'],
    ['version', 'Version 2025-11-01, in effect from 1 November 2025.'],
    ['as it stands', 'Suggested text: If you have an account'],
  ]
  const markdown = renderPolicy(pilviPolicy, { format: 'markdown', language: 'en' })

  it.each(items)('%s', (_clause, ...parts) => {
    for (const part of parts) expect(markdown).toContain(part)
  })

  it('tells in Finnish what it tells in English, and nothing in English', () => {
    const finnish = renderPolicy(pilviPolicy, { format: 'markdown', language: 'fi' })
    expect(structure(finnish)).toEqual(structure(markdown))
    for (const heading of Object.values(phrases.en.headings)) expect(finnish).not.toContain(heading)
    expect(finnish).not.toMatch(/\b(?:the|and|of|with|your|data)\b/i)
    expect(finnish).toContain('1. marraskuuta 2025')
    expect(finnish).toContain('Suomi')
    expect(finnish).toContain('Säilytysaika 6 vuotta sen kalenterivuoden lopusta')
  })

  it('tells of a transfer what the rule decides on that day', () => {
    const at = (on: '2020-07-15' | '2020-07-16') =>
      renderPolicy(pilviPolicy, { format: 'markdown', language: 'en', on })
    expect(at('2020-07-15')).toContain('rests on an adequacy decision')
    expect(at('2020-07-15')).not.toContain('invalid')
    expect(at('2020-07-16')).toContain('No data are transferred')
    expect(at('2020-07-16')).toContain('invalid since 16 July 2020')
  })

  it('says for what a second factor is asked for again, and how factors that were lost are reset', () => {
    const notice = (language: 'en' | 'fi') => renderPolicy(pilviPolicy, { format: 'markdown', language })
    expect(notice('en')).toContain(
      'If you have a second factor, we ask for it again before the following: erasing your data, giving you your data and adding a second factor.',
    )
    expect(notice('en')).toContain('at the earliest 24 hours after we have told you.')
    expect(notice('fi')).toContain('tietojesi poistaminen, tietojesi luovuttaminen sinulle ja uuden')
    expect(notice('fi')).toContain('vähintään 24 tuntia etukäteen.')
  })

  it('leaves out what a policy does not have, and says where there is nothing', () => {
    const bare = spoilt((p) => {
      p.purposes = { delivery: the(p.purposes, 'delivery') }
      delete the(p.purposes, 'delivery').legalBasis
      Object.assign(p, { recipients: {}, transferGrounds: [], origins: {}, security: {}, passages: [] })
      Object.assign(p, { mfa: { ...p.mfa, factors: [] } })
      p.controller.officer = { en: 'Head of register', fi: 'Rekisterin vastaava' }
      p.controller.dataProtectionOfficer = 'dpo@example.fi'
      the(p.publications.tables, 'visits').dimensions = []
      for (const part of [
        'backups',
        'denials',
        'obligation',
        'automatedDecisions',
        'acceptance',
        'updates',
      ] as const) {
        delete p[part]
      }
      delete p.supervisoryAuthority
      delete p.retention['log']
    })
    const notice = renderPolicy(bare, { format: 'markdown', language: 'en' })
    for (const absent of ['denials', 'obligation', 'automatedDecisions', 'acceptance', 'security'] as const) {
      expect(notice).not.toContain(`## ${phrases.en.headings[absent]}`)
    }
    for (const present of [
      'Data are disclosed to nobody.',
      'No data are transferred outside',
      'Not stated',
    ]) {
      expect(notice).toContain(present)
    }
    expect(notice).toContain('Visits: visits, day by day')
    expect(notice).toContain('dpo@example.fi')
    const record = renderRecords(bare)
    expect(record).toContain('**Recipients**: None')
    expect(record).toContain('## Security\n\n- None')
  })

  it.each([
    [
      ['letter', 'email', 'phone'] as const,
      'by letter, by e-mail or by telephone: Esimerkki Oy, Mallikatu 1',
    ],
    [['phone'] as const, 'by telephone: +358 9 000 0000'],
    [['link'] as const, 'through the link in a message: [privacy@example.fi](<mailto:privacy@example.fi>)'],
  ])('says how a denial is told: %s', (by, told) => {
    const policy = spoilt((p) => {
      if (p.denials) p.denials.by = [...by]
    })
    expect(renderPolicy(policy, { format: 'markdown', language: 'en' })).toContain(told)
  })

  it('names the day a table is parted by, and both periods of an exemption', () => {
    const policy = spoilt((p) => {
      const { exemption } = the(p.retention, 'contact')
      Object.assign(exemption ?? {}, { rule: { from: 'event', years: 1, months: 6 } })
    })
    const notice = renderPolicy(policy, { format: 'markdown', language: 'en' })
    expect(notice).toContain('Visits: visits by hour, day by day')
    expect(notice).toContain('Kept for 1 year and 6 months.')
  })
})

describe('renderRecords: GDPR 30(1)', () => {
  const record = renderRecords(pilviPolicy)

  it('is English Markdown unless something else is asked for', () => {
    expect(record).toBe(renderRecords(pilviPolicy, { format: 'markdown', language: 'en' }))
    expect(record.startsWith('# Record of processing activities\n')).toBe(true)
  })

  it('GDPR 30(1)(c): states of every purpose the groups of people whose data it uses', () => {
    for (const { label, categories } of Object.values(pilviPolicy.purposes)) {
      const used: readonly string[] = categories
      const groups = Object.values(pilviPolicy.groups).map((group) => ({
        label: group.label.en,
        concerned: Object.values(group.fields).some(({ category }) => used.includes(category)),
      }))
      const section = record.split(`\n## ${label.en}\n`)[1]?.split('\n## ')[0] ?? ''
      const whom = section.split('\n- **').find((line) => line.startsWith('About whom**')) ?? ''
      const told = (each: string) => whom.split('\n').some((line) => line.endsWith(each))
      expect(groups.map((group) => ({ ...group, concerned: told(group.label) }))).toEqual(groups)
    }
  })

  it('GDPR 30(1)(c): tells what else a purpose concerns: users of a service, and whom a category says', () => {
    const statistics = record.split('\n## Statistics on use\n')[1]?.split('\n## ')[0] ?? ''
    expect(statistics).toContain('- **About whom**:\n  - Users of the services\n  - Nobody in particular\n')
    const delivery = record.split('\n## Delivery of the services\n')[1]?.split('\n## ')[0] ?? ''
    expect(delivery).toContain('  - Users of the service “Domain registration”\n')
  })

  it('has every purpose with its people, data, recipients, transfers and time limits', () => {
    for (const { label } of Object.values(pilviPolicy.purposes)) expect(record).toContain(`## ${label.en}\n`)
    const of = (heading: string): string => record.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? ''
    const accounting = of('Accounting and taxation')
    expect(accounting).toContain('Pilvi’s customers')
    expect(accounting).toContain('Payment details, payment address')
    expect(accounting).toContain('Finnish Tax Administration (Finland)')
    expect(accounting).toContain('**Transfers outside the EEA**: None')
    expect(accounting).toContain('6 years')
    expect(of('Quality control')).toContain(
      'Support desk subcontractor (United States): No data are transferred',
    )
    expect(of('Security')).toContain('TLS')
  })
})

describe('what there is not is refused, and nothing is written', () => {
  const wrong: readonly (readonly [path: string, options: object])[] = [
    ['format', { format: 'pdf' }],
    ['format', { format: 'toString' }],
    ['format', { format: null }],
    ['language', { language: 'sv' }],
    ['language', { language: 'constructor' }],
    ['on', { on: '2026-02-30' }],
    ['on', { on: 20260101 }],
  ]
  const cases = renderers.flatMap(([name, render]) => wrong.map((each) => [name, ...each, render] as const))

  it.each(cases)('%s: %s %o', (_name, path, options, render) => {
    const given = { format: 'html', language: 'en', ...options } as const
    expect(() => render(pilviPolicy, given)).toThrow(expect.objectContaining({ code: 'input.invalid', path }))
  })
})

describe('a text that is missing is an error, never English', () => {
  const untranslated = definePolicy(
    spoilt((p) => {
      the(the(p.groups, 'customer').fields, 'email').label = { en: 'E-mail' }
    }),
  )

  it.each(all)('$name $format $language', ({ render, format, language }) => {
    const attempt = () => render(untranslated, { format, language })
    if (language === 'en') expect(attempt).not.toThrow()
    else {
      expect(attempt).toThrow(
        expect.objectContaining({
          code: 'policy.untranslated',
          path: 'groups.customer.fields.email.label.fi',
        }),
      )
    }
  })

  it('in a language the policy is not written in', () => {
    const english = spoilt((p) => {
      p.languages = ['en']
    })
    expect(() => renderPolicy(english, { format: 'html', language: 'fi' })).toThrow(
      expect.objectContaining({ code: 'policy.untranslated', path: 'languages' }),
    )
  })

  it('in a blank text', () => {
    const blank = spoilt((p) => {
      p.title = { en: ' ', fi: 'Seloste' }
    })
    expect(() => renderPolicy(blank, { format: 'html', language: 'en' })).toThrow(
      expect.objectContaining({ path: 'title.en' }),
    )
  })
})

describe('what a page is made of', () => {
  it.each(all.filter(({ format }) => format === 'html'))(
    '$name in $language is one self-contained page',
    ({ render, language }) => {
      const html = render(pilviPolicy, { format: 'html', language })
      expect(html.startsWith(`<!doctype html>\n<html lang="${language}">`)).toBe(true)
      expect(html).toContain("default-src 'none'; style-src 'unsafe-inline'")
      expect(html).toContain('prefers-color-scheme: dark')
      expect(html).toContain('@media print')
      expect(html).not.toMatch(/<(?:script|img|link|iframe|object|form|base)\b|@import|url\(|\son[a-z]+=/i)
      const targets = [...html.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, target = '']) => target)
      expect(
        targets.filter((target) => !/^(?:#s\d+$|mailto:|https:\/\/tietosuoja\.fi$)/.test(target)),
      ).toEqual([])
      for (const target of targets.filter((each) => each.startsWith('#'))) {
        expect(html).toContain(`id="${target.slice(1)}"`)
      }
    },
  )

  it.each(all)(
    '$name $format $language: the same policy gives the same bytes',
    ({ render, format, language }) => {
      const again = JSON.parse(JSON.stringify(pilviPolicy)) as Policy
      expect(render(again, { format, language })).toBe(render(pilviPolicy, { format, language }))
    },
  )

  it.each(languages)('no placeholder is left unfilled in %s', (language) => {
    for (const [, render] of renderers) {
      expect(render(pilviPolicy, { format: 'markdown', language })).not.toMatch(/\{\w+\}|undefined|\[object/)
    }
  })
})

const hostile = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '</title></style></main><svg onload=alert(1)>',
  '<!-- -->',
  '&lt;b&gt; &amp; &#60;i&#62;',
  "' onmouseover='alert(1)",
  '[click](javascript:alert(1))',
  '![x](https://example.org/pixel.png)',
  '| a | b |\n| --- | --- |',
  '# heading\n\n- item\n1. one\n> quote\n---\n```\ncode\n```',
  '**bold** _it_ `code` ~~gone~~ <https://example.org> [^1]',
  '\\| \\[ \\',
  '    indented code',
  'two\nlines\r\nthree',
  '+ plus\n= equals\n* star',
  '12) twelve',
]

describe('injection: a text of the policy never becomes markup', () => {
  const plain = (policy: Policy) => retold(policy, () => ({ en: 'plain', fi: 'plain' }))

  it.each(all.flatMap((one) => hostile.map((text) => ({ ...one, text }))))(
    '$name $format $language: $text',
    ({ render, format, language, text }) => {
      // In a passage a blank line parts paragraphs, which is no markup: leave the passages out.
      const policy = spoilt((p) => {
        p.passages = []
      }, pilviPolicy)
      const spoken = render(
        retold(policy, () => ({ en: text, fi: text })),
        { format, language },
      )
      const calm = render(plain(policy), { format, language })
      if (format === 'html') expect(tags(spoken)).toEqual(tags(calm))
      else expect(structure(spoken)).toEqual(structure(calm))
    },
  )

  it('whatever the text is', () => {
    const policy = spoilt((p) => {
      p.passages = []
    })
    const calm = renderPolicy(plain(policy), { format: 'html', language: 'en' })
    const markdown = renderPolicy(plain(policy), { format: 'markdown', language: 'en' })
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (text) => {
        fc.pre(text.trim() !== '')
        const spoken = retold(policy, () => ({ en: text, fi: text }))
        expect(tags(renderPolicy(spoken, { format: 'html', language: 'en' }))).toEqual(tags(calm))
        expect(structure(renderPolicy(spoken, { format: 'markdown', language: 'en' }))).toEqual(
          structure(markdown),
        )
      }),
    )
  })

  it('nor does a plain string: name, address, phone, version, officer', () => {
    const text = '"><script>alert(1)</script>|`[x](y)'
    const policy = spoilt((p) => {
      Object.assign(p, { version: text })
      Object.assign(p.controller, { name: text, email: text, phone: text, dataProtectionOfficer: text })
      Object.assign(p.controller.address, { street: text, city: text, postalCode: text })
      if (p.supervisoryAuthority) p.supervisoryAuthority.url = 'javascript:alert(1)'
    })
    const html = renderPolicy(policy, { format: 'html', language: 'en' })
    expect(html).not.toContain('<script')
    expect(html).not.toMatch(/href="(?!#|mailto:|https:)/)
    const markdown = renderPolicy(policy, { format: 'markdown', language: 'en' })
    expect(markdown).not.toContain('](<javascript')
    expect(markdown).not.toMatch(/(?<!\\)<script/)
  })

  it('header injection: an address for mail carries no further fields', () => {
    const policy = spoilt((p) => {
      p.controller.email = 'a?bcc=all&subject=x@example.fi'
    })
    expect(renderPolicy(policy, { format: 'html', language: 'en' })).toContain(
      'href="mailto:a%3Fbcc%3Dall%26subject%3Dx@example.fi"',
    )
  })
})

describe('escapeMarkdown', () => {
  const cases: readonly (readonly [text: string, escaped: string])[] = [
    ['plain, with (brackets) and 3.5 %', 'plain, with (brackets) and 3.5 %'],
    ['# no heading', '\\# no heading'],
    ['- no item', '\\- no item'],
    ['+ no item', '\\+ no item'],
    ['= no underline', '\\= no underline'],
    ['1. no list', '1\\. no list'],
    ['12) no list', '12\\) no list'],
    ['1234567890. too long to be one', '1234567890. too long to be one'],
    ['a - b # c', 'a - b # c'],
    ['*a* _b_ `c` ~d~', '\\*a\\* \\_b\\_ \\`c\\` \\~d\\~'],
    ['[a](b) ![c](d)', '\\[a\\](b) !\\[c\\](d)'],
    ['<b> & > | $x$', '\\<b\\> \\& \\> \\| \\$x\\$'],
    ['back\\slash', 'back\\\\slash'],
    ['  two\n lines\t ', 'two lines'],
  ]
  it.each(cases)('%j', (text, escaped) => {
    expect(escapeMarkdown(text)).toBe(escaped)
  })

  it('loses nothing but blanks', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const read = escapeMarkdown(text).replace(/\\([!-/:-@[-`{-~])/g, '$1')
        expect(read).toBe(text.replace(/\s+/g, ' ').trim())
      }),
    )
  })
})

describe('a document without sections or rows', () => {
  const document = { lang: 'en', title: 'T', contents: 'C', blocks: [{ paragraph: 'p' }] } as const

  it('is still a document', () => {
    expect(toMarkdown(document)).toBe('# T\n\np\n')
    expect(toHtml(document)).toContain('<p>p</p>')
    const table = { ...document, blocks: [{ head: ['a'], rows: [['b', 'c']] }] }
    expect(toHtml(table)).toContain('data-label=""')
  })
})

describe('phrases', () => {
  it('have the same placeholders in both languages', () => {
    for (const part of Object.keys(phrases.en) as (keyof typeof phrases.en)[]) {
      const pair = languages.map((language) =>
        Object.entries(phrases[language][part]).map(([name, phrase]) => [
          name,
          (phrase.match(/\{\w+\}/g) ?? []).sort().join(),
        ]),
      )
      expect(pair[1]?.sort()).toEqual(pair[0]?.sort())
    }
  })

  it('are filled once: a value that looks like a placeholder stays as it is', () => {
    expect(fill('{a} and {b}', { a: '{b}', b: 2 })).toBe('{b} and 2')
    expect(fill('{toString} {c}', {})).toBe('{toString} {c}')
  })
})
