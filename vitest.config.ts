import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Tests that need a database server, which the project they are in starts for them (test/servers). */
const onPostgres = ['test/stores/postgres*.test.ts']
const onMongo = ['test/stores/mongo*.test.ts']
const onBoth = ['test/copy/between*.test.ts']

/** How much of what can run everywhere the tests must run, in per cent. */
const enough = { statements: 95, branches: 90 }

export default defineConfig({
  resolve: {
    alias: [
      { find: /^@pilvi\/privacy$/, replacement: at('src/index.ts') },
      {
        find: /^@pilvi\/privacy\/(memory|postgres|mongo|age|passkeys)$/,
        replacement: at('adapters/$1/index.ts'),
      },
      { find: '@pilvi/privacy/node', replacement: at('src/node/index.ts') },
      { find: '@pilvi/privacy/testing', replacement: at('src/testing/index.ts') },
      { find: '@pilvi/privacy/policies/pilvi', replacement: at('src/policy/pilvi.ts') },
    ],
  },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'alone',
          include: ['test/**/*.test.ts'],
          exclude: [...onPostgres, ...onMongo, ...onBoth],
        },
      },
      {
        extends: true,
        test: { name: 'postgres', include: onPostgres, globalSetup: 'test/servers/postgres.ts' },
      },
      {
        extends: true,
        test: { name: 'mongo', include: onMongo, globalSetup: 'test/servers/mongodb.ts' },
      },
      {
        extends: true,
        test: {
          name: 'both',
          include: onBoth,
          globalSetup: ['test/servers/postgres.ts', 'test/servers/mongodb.ts'],
        },
      },
    ],
    testTimeout: 30_000,
    // Files share what they import: the library keeps nothing between calls, and a third of the time was loading anew.
    isolate: false,
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts', 'adapters/**/*.ts'],
      reporter: ['text-summary', 'json', 'html'],
      reportOnFailure: true,
      // By folder, so that the tests hold on a machine where no MongoDB can be started and adapters/mongo does not run.
      thresholds: {
        'src/**/*.ts': enough,
        'adapters/{*.ts,memory/*.ts,postgres/*.ts,age/*.ts,passkeys/*.ts}': enough,
      },
    },
  },
})
