import { expect, it } from 'vitest'
import { pilviPolicy } from '../../src/policy/pilvi.ts'

it('x', () => {
  expect(pilviPolicy.id).toBe('pilvi')
})
