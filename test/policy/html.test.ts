import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { escapeHtml, page } from '../../src/html.ts'

describe('escapeHtml', () => {
  it('leaves nothing that could begin or end markup or a quoted attribute', () => {
    expect(escapeHtml(`<a href="x" title='y'>&\`</a>`)).toBe(
      '&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;&#96;&lt;/a&gt;',
    )
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escapeHtml(text)).not.toMatch(/[<>"'`]/)
      }),
    )
  })

  it('loses nothing', () => {
    const entities: Readonly<Record<string, string>> = {
      '&amp;': '&',
      '&lt;': '<',
      '&gt;': '>',
      '&quot;': '"',
      '&#39;': "'",
      '&#96;': '`',
    }
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(escapeHtml(text).replace(/&(?:amp|lt|gt|quot|#39|#96);/g, (e) => entities[e] ?? e)).toBe(text)
      }),
    )
  })
})

describe('page', () => {
  it('loads nothing and runs nothing', () => {
    const html = page({ lang: 'fi', title: 'Otsikko', body: '<main></main>' })
    expect(html).toContain(
      `content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"`,
    )
    expect(html).toContain('<html lang="fi">')
    expect(html).not.toMatch(/<script|<link|@import|url\(/)
  })

  it('injection: a title or a language cannot leave its place', () => {
    const html = page({ lang: '"><script>', title: '</title><script>alert(1)</script>', body: '' })
    expect(html).not.toContain('<script')
  })

  it('injection: a style cannot end itself', () => {
    const html = page({ lang: 'en', title: 't', style: '</style><script>alert(1)</script>', body: '' })
    expect(html.match(/<\/style>/g)).toHaveLength(1)
  })
})
