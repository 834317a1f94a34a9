/** The two suites, as they are run. */

import { badInputCases } from './bad-input.ts'
import { bulkCases } from './bulk.ts'
import { commitCases } from './commits.ts'
import { indexCases } from './index-scans.ts'
import { lifecycleCases } from './lifecycle.ts'
import { raceCases } from './races.ts'
import { recordCases } from './records.ts'
import { scanCases } from './scans.ts'
import { type Runner, register, type StoreFactory } from './scene.ts'
import { streamCases } from './streams.ts'
import { tenantCases } from './tenants.ts'
import { valueCases } from './values.ts'
import { visitDayCases } from './visit-days.ts'
import { visitCases } from './visit-log.ts'

/** What a suite needs. */
export interface ConformanceOptions {
  /** The functions of a test runner: vitest's, jest's, node:test's, or a {@link recordingRunner}. */
  readonly runner: Runner
  /** Called for each case; may give stores on the same database again and again. */
  readonly factory: StoreFactory
  /**
   * What the names of the kit's tenants begin with, `[A-Za-z0-9_-]{1,40}`; a new random one, if not given. Give it
   * only with data that are new: tenants of an earlier run would be in the way.
   */
  readonly tenantPrefix?: string
}

const suites = {
  'a store gives and takes records': recordCases,
  'a store commits all or nothing': commitCases,
  'a store appends to streams': streamCases,
  'a store keeps values as they are': valueCases,
  'a store scans by key': scanCases,
  'a store scans by index': indexCases,
  'a store keeps tenants apart': tenantCases,
  'a store lets one writer win': raceCases,
  'a store refuses bad input': badInputCases,
  'a store migrates and closes': lifecycleCases,
  'a store is copied': bulkCases,
} as const

/** Registers the cases that prove a `Store`, all but its visit log. */
export function storeConformance({ runner, factory, tenantPrefix }: ConformanceOptions): void {
  Object.entries(suites).forEach(([title, cases], i) => {
    const prefix = tenantPrefix === undefined ? undefined : `${tenantPrefix}s${i}`
    register(cases, { runner, factory, title, tenantPrefix: prefix })
  })
}

/** Registers the cases that prove the `VisitLog` of a store. */
export function visitLogConformance({ runner, factory, tenantPrefix }: ConformanceOptions): void {
  const prefix = tenantPrefix === undefined ? undefined : `${tenantPrefix}v`
  register([...visitCases, ...visitDayCases], {
    runner,
    factory,
    title: 'a store keeps a log of visits',
    tenantPrefix: prefix,
  })
}
