import { describe, it } from 'vitest'
import { memoryBacking } from '../../adapters/memory/index.ts'
import { storeConformance, visitLogConformance } from '../../src/testing/index.ts'
import { memoryFactory } from './memory.ts'

const runner = { describe, it }

describe('memory, a new backing each', () => {
  storeConformance({ runner, factory: memoryFactory(), tenantPrefix: 'a' })
  visitLogConformance({ runner, factory: memoryFactory(), tenantPrefix: 'a' })
})

describe('memory, one backing for all cases', () => {
  const factory = memoryFactory(memoryBacking())
  storeConformance({ runner, factory })
  visitLogConformance({ runner, factory })
})
