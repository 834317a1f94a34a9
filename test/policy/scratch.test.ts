import { writeFileSync } from 'node:fs'
import { it } from 'vitest'
import { pilviPolicy } from '../../src/policy/pilvi.ts'
import { renderPolicy, renderRecords } from '../../src/policy/render.ts'

it('x', () => {
  for (const language of ['en', 'fi'] as const)
    for (const format of ['markdown', 'html'] as const) {
      const x = format === 'html' ? 'html' : 'md'
      writeFileSync(`/tmp/try/n-${language}.${x}`, renderPolicy(pilviPolicy, { language, format }))
      writeFileSync(`/tmp/try/r-${language}.${x}`, renderRecords(pilviPolicy, { language, format }))
    }
})
