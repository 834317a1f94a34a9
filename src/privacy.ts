/**
 * Where the parts meet: the options are checked, the services made for a tenant, and each is handed what it needs of
 * the others. There are no rules here.
 */

import { createMarkings } from './consent/markings.ts'
import { type Consent, createConsent } from './consent/service.ts'
import { createConsentSource } from './consent/source.ts'
import { createStandings } from './consent/standings.ts'
import { createDisclosure, type Disclosure } from './disclosure/service.ts'
import { createDisclosureSources } from './disclosure/source.ts'
import { type Environment, systemEnvironment } from './environment.ts'
import { InvalidInput, StoreFailure } from './errors.ts'
import { createKeyring, type Keyring } from './keys/keyring.ts'
import type { KeyProvider, Wrapping } from './keys/model.ts'
import { createDigests, createKeys, createSecrets, type Secrets } from './keys/service.ts'
import { createWrapping } from './keys/wrapping.ts'
import { originOf } from './ledger/checkpoint.ts'
import type { CheckpointSink } from './ledger/model.ts'
import { createLedger, type Ledger } from './ledger/service.ts'
import type { CodeWindow } from './mfa/codes.ts'
import type { PasskeyVerifier } from './mfa/passkeys.ts'
import { createMfa, type Mfa } from './mfa/service.ts'
import { createMfaSource } from './mfa/source.ts'
import { createStepUps } from './mfa/stepping-up.ts'
import { createFindVersion, createPolicies, type FindVersion, type Policies } from './notices/publishing.ts'
import { createNotices, type Notices } from './notices/service.ts'
import { createNoticeSource } from './notices/source.ts'
import { parsePolicy } from './policy/define.ts'
import type { Group, Policy } from './policy/model.ts'
import { policyDigest } from './policy/version.ts'
import { createHolders } from './register/holders.ts'
import { createPeople } from './register/people.ts'
import { createRegister, type Register } from './register/service.ts'
import { createRegisterSources } from './register/source.ts'
import { createRequests, type Requests } from './requests/service.ts'
import { createRequestSource } from './requests/source.ts'
import { createRetention, type RetentionService } from './requests/sweep.ts'
import type { Sender } from './sender.ts'
import type { Keys } from './services.ts'
import type { Source } from './source.ts'
import type { Store } from './store.ts'
import { createTenants, type Tenants } from './tenants.ts'
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
  /** Where the ledger's checkpoints go, and what they call it. */
  readonly ledger?: LedgerOptions
  /** Sends people codes, where the policy offers them as second factors, word of a reset of their factors, and of new policies. */
  readonly sender?: Sender
  /** Verifies passkeys, where the policy offers them: `passkeys` of `@pilvi/privacy/passkeys`. */
  readonly passkeys?: PasskeyVerifier
  /** How far the clock of an authenticator app may be off: a step either way, or with `strict` not at all. */
  readonly codeWindow?: CodeWindow
  /** Time and chance; the real ones, if left out. */
  readonly environment?: Environment
}

/** What the host says of the ledger. */
export interface LedgerOptions {
  /**
   * What the origins of checkpoints begin with, `pilvi-privacy/<the controller's tenant>` if left out; the tenant
   * follows after a slash, so that no ledger vouches for another. 1 to 200 of `A-Z a-z 0-9 _ ~ : / -`. For good: a ledger
   * that was begun under one origin is not verified under another.
   */
  readonly origin?: string
  /** Where each new checkpoint is handed; without it nothing shows that a ledger was cut back. */
  readonly checkpoints?: CheckpointSink
}

/** Everything the library does for one tenant. */
export interface TenantPrivacy<P extends Policy = Policy> {
  readonly register: Register<P>
  readonly usage: Usage
  readonly consent: Consent<P>
  readonly disclosure: Disclosure<P>
  readonly notices: Notices<P>
  readonly requests: Requests
  readonly retention: RetentionService
  readonly mfa: Mfa
  readonly ledger: Omit<Ledger, 'changes'>
  readonly keys: Pick<Keys, 'seal' | 'open' | 'isSealed' | 'verify' | 'jwks'>
}

/** The controller's own, and the way to its customers' tenants. */
export interface Privacy<P extends Policy = Policy> extends TenantPrivacy<P> {
  /**
   * The same for the data of one customer: nothing done there reads or writes outside that tenant.
   * @throws InvalidInput `input.invalid`; `tenant.not-allowed` for the controller's own tenant
   */
  tenant(id: string): TenantPrivacy<P>
  /** The tenants of which anything is or was kept, the controller's own with them, in order of their ids. */
  tenants(): AsyncIterable<string>
  /** The versions of the policy on record, for all tenants. */
  readonly policies: Policies
  /** The key-encryption keys of the whole installation, and the key that signs. */
  readonly keyring: Keyring
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
  const ring = createWrapping({ store, environment, provider })
  const wrapping = ring.through(store)
  const secrets = createSecrets({ store, environment, provider: wrapping })
  const tenants = createTenants({ store, environment })
  const digest = policyDigest(policy)
  const findVersion = createFindVersion({ policy, policyDigest: digest, store })
  const version = { policyDigest: digest, findVersion }
  const installation = { ...options, ...version, policy, environment, provider: wrapping, secrets, tenants }
  const own = partsFor(installation, { tenant, tier: 'controller' })
  return {
    ...compose(own),
    tenant: (id) => compose(partsFor(installation, customer(id, tenant))),
    tenants: () => tenants.list(),
    policies: createPolicies(own),
    keyring: createKeyring({ ...own, provider, ring, signing: secrets }),
    within(client) {
      // What the whole installation has stays in the store outside: none of it is first made where it may be rolled back.
      const transaction = transactionOf(store, client)
      const inside = { ...installation, store: transaction, provider: ring.through(transaction) }
      const part = ({ register, consent }: TenantPrivacy<P>) => ({ register, consent })
      return {
        ...part(compose(partsFor(inside, { tenant, tier: 'controller' }))),
        tenant: (id) => part(compose(partsFor(inside, customer(id, tenant)))),
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
  readonly provider: Wrapping
  readonly secrets: Secrets
  readonly tenants: Tenants
  readonly policyDigest: string
  readonly findVersion: FindVersion
}

/** What the services of one tenant are made of. */
function partsFor<P extends Policy>(
  { policy, environment, provider, secrets, tenants, sites = [], ...given }: Installation<P>,
  { tenant, tier }: Owner,
) {
  const store = tenants.listing(tenant, given.store)
  const standings = createStandings(tenant, { store, keys: createDigests(tenant, secrets) })
  const keys = createKeys(tenant, { store, environment, provider, secrets, standings })
  const markings = createMarkings(tenant, { policy, environment, standings, keys })
  const { origin = `pilvi-privacy/${given.tenant}`, checkpoints: sink } = given.ledger ?? {}
  const place = { origin: originOf(origin, tenant), sink }
  const ledger = createLedger(tenant, { store, environment, keys, ...place })
  const { sender, passkeys, codeWindow: window = 'default', policyDigest, findVersion } = given
  const factors = { sender, passkeys, window }
  const version = { policyDigest, findVersion }
  return {
    tenant,
    tier,
    sites,
    policy,
    store,
    environment,
    keys,
    ledger,
    standings,
    markings,
    factors,
    ...version,
  }
}

function compose<P extends Policy>({
  tenant,
  tier,
  sites,
  ...parts
}: ReturnType<typeof partsFor<P>>): TenantPrivacy<P> {
  const { policy, store, environment, keys, ledger, factors } = parts
  const consent = createConsent(tenant, { ...parts, holders: createHolders(tenant, { ...parts, tier }) })
  const mfa = createMfa(tenant, { ...parts, ...factors })
  const sources = ownSources(tenant, parts)
  const stepUps = createStepUps(tenant, { ...parts, ...factors })
  return {
    register: createRegister(tenant, { ...parts, tier }),
    usage: createUsage({ tenant, tier, policy, store, environment, ledger, sites }),
    consent,
    disclosure: createDisclosure<P>(tenant, {
      ...parts,
      consent: (question) => consent.decide(question as never),
    }),
    notices: createNotices<P>(tenant, {
      ...parts,
      sender: factors.sender,
      people: createPeople(tenant, parts),
      groups: Object.keys(policy.groups).filter((group) => policy.groups[group]?.tier === tier),
    }),
    requests: createRequests({ tenant, ...parts, sources, stepUps }),
    retention: createRetention({ tenant, ...parts, sources }),
    mfa,
    // What only services may do with them is not handed out: no key is destroyed but by an erasure.
    ledger: handedOut(ledger),
    keys: { seal: keys.seal, open: keys.open, isSealed: keys.isSealed, verify: keys.verify, jwks: keys.jwks },
  }
}

/** A ledger to which nobody writes but the services. */
const handedOut = ({ changes: _, ...rest }: Ledger): Omit<Ledger, 'changes'> => rest

/** The library's own data, in the order in which they are erased. */
function ownSources(
  tenant: string,
  parts: { policy: Policy; store: Store; environment: Environment; keys: Keys },
): Source[] {
  return [
    ...createRegisterSources(tenant, parts),
    createConsentSource(tenant, parts),
    ...createDisclosureSources(tenant, parts),
    createNoticeSource(tenant, parts),
    createVisitSource(tenant, parts),
    createMfaSource(tenant, parts),
    createRequestSource(tenant, parts),
  ]
}
