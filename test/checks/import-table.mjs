/**
 * Who may import whom (design §1), as data. The first row whose `files` matches a file is its row.
 *
 * `imports`: rows it may import values and types from (`own`: its own domain or adapter). `types`: rows it may import
 * types from, all of them or those named. `packages`: third-party modules; `dependencies` stands for those of
 * package.json, `node` for Node's own. Whatever is not named is refused. `pure`: purity.mjs holds it to be
 * synchronous.
 */

/** What the ports carry, as against the ports themselves: rules return changes (design §8) and judge rows. */
const carried = {
  store: ['BulkRow', 'Change', 'Collection', 'JsonValue', 'Range', 'Ref', 'StoredVisit', 'Versioned'],
  source: ['Erasure', 'Held', 'IdentityKeys', 'Row'],
  environment: ['CalendarDate', 'Instant'],
  sender: ['PolicyMessage'],
  passkeys: ['PasskeyCredential', 'PasskeyUse'],
}
const ports = { store: '*', source: '*', sender: '*', environment: '*', passkeys: '*' }
const pure = [
  '@date-fns/tz',
  '@noble/hashes',
  'date-fns',
  'ipaddr.js',
  'otplib',
  'stdnum',
  'tldts',
  'uqr',
  'zod',
]
const shell = ['own', 'model', 'rule', 'errors', 'environment', 'values', 'calendar', 'collections', 'html']

/**
 * Drivers are known by their shape alone, so not even an adapter imports one. The environment is for pauses between
 * tries and for first versions: no value that is stored depends on it.
 */
const adapter = ['own', 'adapter-shared', 'errors', 'values', 'collections', 'environment']

/** Asynchronous files that do part of a service's work, or are its data as a source, and are held to its row. */
const beside =
  'consent/standings copy/(copy|dump|dump-lines|merge|reading) (consent|disclosure)/source disclosure/linking notices/(keeping|publishing|sending|source) consent/(asking|markings|banning|exchanging|merging|places|recorder|signalling|unsubscribing) keys/(aes|data-keys|keyring|local|rewrap|secrets|signing|tokens|wrapping|destruction|key-records) ledger/(checkpoint|proving|reading|verifying) mfa/(attempt|challenging|changing|enrolling|keeping|judging|resetting|source|stepping-up) register/(holders|lookups|numbers|people|sealing|source|writing) requests/(erasure|export|files|kept|receipt|record|reopening|source|sweep|walk) ' +
  'usage/(source|statistics)'
const serviceFiles = new RegExp(`^src/([a-z]+/service|${beside.replaceAll(' ', '|')})\\.ts$`)

export const table = [
  { row: 'errors', pure: true, files: /^src\/errors\.ts$/ },
  { row: 'environment', files: /^src\/environment\.ts$/ },
  { row: 'store', pure: true, files: /^src\/store\.ts$/ },
  { row: 'source', pure: true, files: /^src\/source\.ts$/, types: { ...carried, model: '*' } },
  { row: 'sender', pure: true, files: /^src\/sender\.ts$/, types: { ...carried, model: '*' } },
  { row: 'collections', pure: true, files: /^src\/collections\.ts$/, types: carried },
  {
    row: 'values',
    pure: true,
    files: /^src\/values\/[a-z]+\.ts$/,
    imports: ['own', 'errors'],
    types: carried,
  },
  {
    row: 'calendar',
    pure: true,
    files: /^src\/calendar\.ts$/,
    imports: ['errors'],
    types: carried,
    packages: ['date-fns', '@date-fns/tz'],
  },
  { row: 'html', pure: true, files: /^src\/html\.ts$/, imports: ['errors'] },
  {
    row: 'parsing',
    pure: true,
    files: /^src\/parsing\.ts$/,
    imports: ['errors', 'values', 'calendar'],
    types: carried,
    packages: ['zod'],
  },
  // What services look like to one another: a service is handed in (design §8), never imported.
  { row: 'services', pure: true, files: /^src\/services\.ts$/, types: { ...ports, model: '*', rule: '*' } },
  {
    row: 'tenants',
    files: /^src\/tenants\.ts$/,
    imports: ['errors', 'values', 'collections'],
    types: ports,
  },
  { row: 'commit', files: /^src\/commit\.ts$/, imports: ['errors'], types: ports },
  {
    row: 'testing',
    files: /^src\/testing\//,
    imports: ['own', 'errors', 'values', 'environment', 'collections'],
    types: ports,
  },
  {
    row: 'cli',
    files: /^src\/cli\//,
    imports: ['own', 'index', 'pilvi', 'adapter-entry', 'node-entry'],
    packages: ['node', 'dependencies', 'pg', 'mongodb', '(computed)'], // computed: a policy that the user names by its path
  },
  // The one place beside the command and the tests' kit that is for Node alone.
  { row: 'node-entry', files: /^src\/node\/index\.ts$/, imports: ['node-part'] },
  {
    row: 'node-part',
    files: /^src\/node\/[a-z-]+\.ts$/,
    imports: ['errors', 'model', 'rule'],
    packages: ['node'],
  },
  {
    row: 'index',
    files: /^src\/index\.ts$/,
    imports: ['privacy', 'service', 'sources', ...shell.slice(1), 'parsing'],
    types: { ...ports, services: '*' },
  },
  {
    row: 'privacy',
    files: /^src\/privacy\.ts$/,
    imports: ['service', 'tenants', 'sources', ...shell.slice(1), 'parsing'],
    types: { ...ports, services: '*' },
  },
  { row: 'pilvi', pure: true, files: /^src\/policy\/pilvi\.ts$/, imports: ['model', 'rule', 'pilvi-part'] },
  {
    row: 'pilvi-part',
    pure: true,
    files: /^src\/policy\/pilvi\/[a-z-]+\.ts$/,
    imports: ['model', 'pilvi-part'],
  },
  {
    row: 'model',
    pure: true,
    files: /^src\/([a-z]+\/model|policy\/(handling|scalars|parser))\.ts$/,
    imports: ['model', 'parsing', 'errors', 'calendar'],
    types: carried,
    packages: ['zod'],
  },
  { row: 'passkeys', pure: true, files: /^src\/mfa\/passkeys\.ts$/, types: carried },
  { row: 'sources', files: /^src\/sources\/[a-z-]+\.ts$/, imports: [...shell, 'commit'], types: ports },
  {
    row: 'service',
    files: serviceFiles,
    imports: [...shell, 'parsing', 'commit', 'sources'],
    types: { ...ports, services: '*' },
    packages: ['dependencies'],
  },
  {
    row: 'rule',
    pure: true,
    files: /^src\/[a-z]+\/([a-z]+\/)?[a-z-]+\.ts$/,
    imports: ['model', 'rule', 'parsing', 'errors', 'values', 'calendar', 'collections', 'html'],
    types: carried,
    packages: pure,
  },
  // What it wraps is a library, not a connection of the host's: it is the one place that imports it.
  {
    row: 'adapter-entry',
    files: /^adapters\/age\/index\.ts$/,
    imports: ['errors'],
    packages: ['age-encryption'],
  },
  // So are passkeys.
  {
    row: 'adapter',
    files: /^adapters\/passkeys\/[a-z-]+\.ts$/,
    imports: ['own', 'errors', 'values'],
    types: ports,
    packages: ['@simplewebauthn/server'],
  },
  { row: 'adapter-entry', files: /^adapters\/[a-z]+\/index\.ts$/, imports: adapter, types: ports },
  { row: 'adapter', files: /^adapters\/[a-z]+\/[a-z-]+\.ts$/, imports: adapter, types: ports },
  { row: 'adapter-shared', files: /^adapters\/[a-z-]+\.ts$/, imports: adapter.slice(1), types: ports },
]
