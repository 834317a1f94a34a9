/**
 * How the package is built: one file per entry point of package.json, ESM only, shared code split into chunks so that
 * a class thrown by one entry is the class exported by another (`instanceof` holds across entry points).
 *
 * Nothing is bundled in: dependencies and optional peers stay imports, so a host audits and updates them itself.
 * No minification and no source maps: the output keeps its names and its lines, stack traces point into files that
 * are in the package, and maps would either point at sources that are not or carry them a second time.
 *
 * A plain object rather than tsup's `defineConfig`: tsup's own declarations do not compile without `skipLibCheck`.
 */

const library = {
  index: 'src/index.ts',
  memory: 'adapters/memory/index.ts',
  postgres: 'adapters/postgres/index.ts',
  mongo: 'adapters/mongo/index.ts',
  age: 'adapters/age/index.ts',
  passkeys: 'adapters/passkeys/index.ts',
  node: 'src/node/index.ts',
  testing: 'src/testing/index.ts',
  'policies/pilvi': 'src/policy/pilvi.ts',
}

export default {
  entry: { ...library, cli: 'src/cli/index.ts' },
  format: 'esm',
  target: 'node20',
  platform: 'node', // for the command line; test/checks/edge.mjs proves that `.` needs no Node
  splitting: true,
  skipNodeModulesBundle: true,
  removeNodeProtocol: false, // `node:fs` stays what it is, for readers and for the checks
  minify: false,
  sourcemap: false,
  clean: true,
  // tsup's declaration bundler sets `baseUrl`, which TypeScript 6 reports as deprecated.
  dts: { entry: library, compilerOptions: { ignoreDeprecations: '6.0' } },
}
