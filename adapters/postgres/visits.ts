/**
 * The visit log in PostgreSQL: one table, keyed by tenant, time and id, which is the order that it is read in and
 * purged by, and an index by session. A batch is one statement.
 */

import type { StoredVisit, VisitLog } from '../../src/store.ts'
import type { Connection, Row } from './connection.ts'
import type { Names } from './schema.ts'

const batchSize = 1_000
const columns = 'id, at, session, ip, host, source'
const text = (value: unknown): string | null => (value === null ? null : String(value))

const visit = (row: Row): StoredVisit => ({
  id: String(row['id']),
  at: String(row['at']),
  session: String(row['session']),
  ip: text(row['ip']),
  host: text(row['host']),
  source: text(row['source']),
})

/** In one order for everybody, so that batches that overlap wait for each other in turn. */
const insertInto = (table: string): string =>
  `INSERT INTO ${table} (tenant, at, id, session, ip, host, source)
   SELECT $1, at, id, session, ip, host, source
   FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
     WITH ORDINALITY AS given (at, id, session, ip, host, source, n)
   ORDER BY at COLLATE "C", id COLLATE "C", n ON CONFLICT DO NOTHING`

/** The visit log. */
export function visitLog(connection: Connection, { visits: table }: Names): VisitLog {
  const read = async (condition: string, values: unknown[]): Promise<StoredVisit[]> => {
    const found = await connection.read(`SELECT ${columns} FROM ${table} WHERE ${condition}`, values)
    return found.map(visit)
  }
  return {
    async append(tenant, visits) {
      const fields = (['at', 'id', 'session', 'ip', 'host', 'source'] as const).map((field) =>
        visits.map((each) => each[field]),
      )
      await connection.write(insertInto(table), [tenant, ...fields])
    },
    read(tenant, { from, before }) {
      const page = `tenant = $1 AND at >= $2 AND at < $3 AND (at, id) > ($4, $5) ORDER BY at, id LIMIT ${batchSize}`
      return batches((last) => read(page, [tenant, from, before, last?.at ?? '', last?.id ?? '']))
    },
    async purge(tenant, before) {
      await connection.write(`DELETE FROM ${table} WHERE tenant = $1 AND at < $2`, [tenant, before])
    },
    find(tenant, sessions) {
      const page = `tenant = $1 AND session = ANY($2::text[]) AND (session, at, id) > ($3, $4, $5)
        ORDER BY session, at, id LIMIT ${batchSize}`
      return batches((last) =>
        read(page, [tenant, sessions, last?.session ?? '', last?.at ?? '', last?.id ?? '']),
      )
    },
    async erase(tenant, sessions) {
      const [row] = await connection.write(
        `WITH gone AS (DELETE FROM ${table} WHERE tenant = $1 AND session = ANY($2::text[]) RETURNING 1)
         SELECT count(*) AS count FROM gone`,
        [tenant, sessions],
      )
      return Number(row?.['count'] ?? 0)
    },
  }
}

async function* batches(
  page: (last: StoredVisit | undefined) => Promise<StoredVisit[]>,
): AsyncGenerator<StoredVisit[]> {
  for (let batch = await page(undefined); batch.length > 0; batch = await page(batch.at(-1))) {
    yield batch
    if (batch.length < batchSize) return
  }
}
