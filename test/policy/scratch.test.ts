import { it } from 'vitest'
import { pilviPolicy } from '../../src/policy/pilvi.ts'
import { lintPolicy } from '../../src/policy/lint.ts'
it('x', () => { console.log(lintPolicy(pilviPolicy, { on: '2026-11-23' }).map(f=>`${f.severity} ${f.rule} ${f.path} ${f.says} [${f.clause}]`).join('\n')) })
