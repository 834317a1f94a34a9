/**
 * Where the parts meet: the options are checked, the services made for a tenant, and each is handed what it needs of
 * the others. There are no rules here.
 */

import { type Consent, createConsent } from './consent/service.ts'
import { createConsentSource } from './consent/source.ts'
import { createStandings } from './consent/standings.ts'
import { createDisclosure, type Disclosure } from './disclosure/service.ts'
import { createDisclosureSource } from './disclosure/source.ts'
import { type Environment, systemEnvironment } from './environment.ts'
import { InvalidInput, StoreFailure } from './errors.ts'
import type { KeyProvider } from './keys/model.ts'
import { createDigests, createKeys, createSecrets, type Secrets } from './keys/service.ts'
import { createLedger, type Ledger } from './ledger/service.ts'
import { createMfa, type Mfa } from './mfa/service.ts'
import { createMfaSource } from './mfa/source.ts'
import { parsePolicy } from './policy/define.ts'
import type { Group, Policy } from './policy/model.ts'
import { createRegister, type Register } from './register/service.ts'
import { createRegisterSources } from './register/source.ts'
import { createRequests, type Requests } from './requests/service.ts'
import { createRequestSource } from './requests/source.ts'
import { createRetention, type RetentionService } from './requests/sweep.ts'
import type { Keys } from './services.ts'
import type { Source } from './source.ts'
import type { Store } from './store.ts'
import { createUsage, type Usage } from './usage/service.ts'
import { createVisitSource } from './usage/source.ts'
import { checkTenant, systemTenant } from './values/key.ts'

/** What a host gives. */
export interface PrivacyOptions<P extends Policy> {
  /** A policy made by `definePolicy`. */
  readonly policy: P
  /** A store of one of the adapters. */
  readonly store: Store
  /** Where key-encryption keys live; `localKeys` for keys in the process. */
  readonly keys: KeyProvider
  /** The controller's own tenant: `[A-Za-z0-9_-]{1,64}`. Each of its customers is a tenant beneath it. */
  readonly tenant: string
  /** The service's own host names, so that visits from them count as internal. */
  readonly sites?: readonly string[]
  /** Time and chance; the real ones, if left out. */
  readonly environment?: Environment
}

/** Everything the library does for one tenant. */
export interface TenantPrivacy<P extends Policy = Policy> {
  readonly register: Register<P>
  readonly usage: Usage
  readonly consent: Consent<P>
  readonly disclosure: Disclosure<P>
  readonly requests: Requests
  readonly retention: RetentionService
  readonly mfa: Mfa
  readonly ledger: Pick<Ledger, 'list' | 'sequence' | 'verify'>
  readonly keys: Pick<Keys, 'seal' | 'open' | 'isSealed' | 'verify' | 'jwks'>
}

/** The controller's own, and the way to its customers' tenants. */
export interface Privacy<P extends Policy = Policy> extends TenantPrivacy<P> {
  /**
   * The same for the data of one customer: nothing done there reads or writes outside that tenant.
   * @throws InvalidInput `input.invalid`; `tenant.not-allowed` for the controller's own tenant
   */
  tenant(id: string): TenantPrivacy<P>
  /**
   * Register and consent inside a transaction that the host has open on `client`: what they write is there when the
   * host commits, with the host's own rows, and not at all when it rolls back. Only a store that can: `postgresStore`
   * of a pool, from which another connection is taken where a secret has to be read.
   * @throws StoreFailure `store.unsupported`
   */
  within(client: object): TransactionPrivacy<P>
}

/** What can be part of a transaction of the host's. */
export interface TransactionPrivacy<P extends Policy = Policy>
  extends Pick<TenantPrivacy<P>, 'register' | 'consent'> {
  /** The same for the data of one customer. Throws as {@link Privacy.tenant} does. */
  tenant(id: string): Pick<TenantPrivacy<P>, 'register' | 'consent'>
}

/**
 * Makes the library ready for use. Nothing is read or written before the first call.
 *
 * @throws InvalidInput `policy.invalid`, `input.invalid`, `tenant.not-allowed`
 * @example
 * ```ts
 * import { createPrivacy, localKeys } from '@pilvi/privacy'
 * import { memoryStore } from '@pilvi/privacy/memory'
 * import { pilviPolicy } from '@pilvi/privacy/policies/pilvi'
 *
 * const privacy = createPrivacy({
 *   policy: pilviPolicy,
 *   store: memoryStore(),
 *   keys: localKeys([{ id: '2026', secret: crypto.getRandomValues(new Uint8Array(32)) }]),
 *   tenant: 'pilvi',
 * })
 * await privacy.consent.deny({ subject: 'person-1', purpose: 'telemarketing', by: 'phone', operator: 'agent-7' })
 * const may = await privacy.consent.decide({ subject: 'person-1', purpose: 'telemarketing', channel: 'phone' })
 * console.log(may.outcome) // deny
 * ```
 */
export function createPrivacy<P extends Policy>(options: PrivacyOptions<P>): Privacy<P> {
  const { store, keys: provider, tenant, environment = systemEnvironment } = options
  const policy = parsePolicy(options.policy) as P
  checkOwn(tenant)
  const secrets = createSecrets({ store, environment, provider })
  const installation = { ...options, policy, environment, provider, secrets }
  const own = { tenant, tier: 'controller' } as const
  return {
    ...compose(installation, own),
    tenant: (id) => compose(installation, customer(id, tenant)),
    within(client) {
      // The secrets stay those of the store outside: none is first made where it may be rolled back.
      const inside = { ...installation, store: transactionOf(store, client) }
      const part = ({ register, consent }: TenantPrivacy<P>) => ({ register, consent })
      return {
        ...part(compose(inside, own)),
        tenant: (id) => part(compose(inside, customer(id, tenant))),
      }
    },
  }
}

function transactionOf(store: Store, client: object): Store {
  if (store.within !== undefined) return store.within(client)
  const says = `the ${store.name} store cannot take part in a transaction of the host's`
  throw new StoreFailure('store.unsupported', says)
}

function customer(id: string, controller: string): Owner {
  checkOwn(id)
  if (id !== controller) return { tenant: id, tier: 'customer' }
  throw new InvalidInput('tenant.not-allowed', 'this is the controller’s own tenant', { path: 'tenant' })
}

function checkOwn(tenant: unknown): void {
  checkTenant(tenant)
  if (tenant === systemTenant) {
    throw new InvalidInput('tenant.not-allowed', 'this tenant is the library’s own', { path: 'tenant' })
  }
}

/** Whose data it is. */
interface Owner {
  readonly tenant: string
  readonly tier: Group['tier']
}

type Installation<P extends Policy> = PrivacyOptions<P> & {
  readonly environment: Environment
  readonly provider: KeyProvider
  readonly secrets: Secrets
}

function compose<P extends Policy>(
  { policy, store, environment, provider, secrets, sites = [] }: Installation<P>,
  { tenant, tier }: Owner,
): TenantPrivacy<P> {
  const standings = createStandings(tenant, { store, keys: createDigests(tenant, secrets) })
  const keys = createKeys(tenant, { store, environment, provider, secrets, standings })
  const ledger = createLedger(tenant, { store, environment, keys })
  const parts = { policy, store, environment, keys, ledger, standings }
  const consent = createConsent(tenant, parts)
  const mfa = createMfa(tenant, parts)
  const sources = ownSources(tenant, parts)
  const verifyFactor = async (subject: string, code: string): Promise<boolean> =>
    (await mfa.verify(subject, code)).outcome === 'accepted'
  return {
    register: createRegister(tenant, { ...parts, tier }),
    usage: createUsage({ tenant, tier, policy, store, environment, ledger, sites }),
    consent,
    disclosure: createDisclosure<P>(tenant, {
      ...parts,
      consent: (question) => consent.decide(question as never),
    }),
    requests: createRequests({ tenant, ...parts, sources, verifyFactor }),
    retention: createRetention({ tenant, ...parts, sources }),
    mfa,
    // What only services may do with them is not handed out: no key is destroyed but by an erasure.
    ledger: { list: ledger.list, sequence: ledger.sequence, verify: ledger.verify },
    keys: { seal: keys.seal, open: keys.open, isSealed: keys.isSealed, verify: keys.verify, jwks: keys.jwks },
  }
}

/** The library's own data, in the order in which they are erased. */
function ownSources(
  tenant: string,
  parts: { policy: Policy; store: Store; environment: Environment; keys: Keys },
): Source[] {
  return [
    ...createRegisterSources(tenant, parts),
    createConsentSource(tenant, parts),
    createDisclosureSource(tenant, parts),
    createVisitSource(tenant, parts),
    createMfaSource(tenant, parts),
    createRequestSource(tenant, parts),
  ]
}
