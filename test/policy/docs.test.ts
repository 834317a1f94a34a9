import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { changePhrases } from '../../src/policy/diff/phrases.ts'
import { lintRules } from '../../src/policy/lint.ts'

describe('docs/policy.md', () => {
  const text = readFileSync(new URL('../../docs/policy.md', import.meta.url), 'utf8')

  it('has the table of rules that the code has, row by row', () => {
    const rows = text.split('\n').filter((line) => line.startsWith('| `policy.'))
    expect(rows).toEqual(
      lintRules.map(
        ({ id, severity, finds, source }) => `| \`${id}\` | ${severity} | ${finds} | ${source} |`,
      ),
    )
  })

  it('has the table of changes that the code tells of, in the words it tells them in', () => {
    const rows = text.split('\n').filter((line) => line.startsWith('| `change.'))
    expect(rows).toEqual(Object.entries(changePhrases).map(([rule, { en }]) => `| \`${rule}\` | ${en} |`))
  })

  it('names no rule that does not exist', () => {
    const known = new Set<string>(lintRules.map(({ id }) => id))
    const codes = ['policy.invalid', 'policy.untranslated', 'policy.ts', 'policy.md']
    const named = [...text.matchAll(/\bpolicy\.[a-z-]+/g)].map(([name]) => name)
    expect(named.filter((name) => !known.has(name) && !codes.includes(name))).toEqual([])
  })

  it('says that it is not legal advice', () => {
    expect(text).toContain('Nothing here is legal advice')
  })
})
