/**
 * The visit log in PostgreSQL: one table by days (days.ts), keyed by tenant, time and id, which is the order that it is
 * read in and purged by, and an index by session. A batch is one statement. A visit of a day that is not there, not yet
 * or no longer, makes it.
 */

import type { StoredVisit, VisitLog } from '../../src/store.ts'
import type { OwnConnection } from './connection.ts'
import { dayOf, days, dropDay, makeDays } from './days.ts'
import type { Row } from './driver.ts'
import type { Names } from './schema.ts'

const batchSize = 1_000
/** As one text, because PGlite takes a byte order mark off the beginning of what it gives. */
const columns = 'json_build_array(id, at, session, ip, host, source)::text AS json'
/** SQLSTATE check_violation: there is no partition for a row. The table has no other check. */
const noSuchDay = '23514'
type Columns = [id: string, at: string, session: string, ip: Text, host: Text, source: Text]
type Text = string | null

function visit(row: Row): StoredVisit {
  const [id, at, session, ip, host, source] = JSON.parse(String(row['json'])) as Columns
  return { id, at, session, ip, host, source }
}

/** In one order for everybody, so that batches that overlap wait for each other in turn. */
const insertInto = (table: string): string =>
  `INSERT INTO ${table} (tenant, at, id, session, ip, host, source)
   SELECT $1, at, id, session, ip, host, source
   FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
     WITH ORDINALITY AS given (at, id, session, ip, host, source, n)
   ORDER BY at COLLATE "C", id COLLATE "C", n ON CONFLICT DO NOTHING`

/** The rest of a day, tenant by tenant, so that the key's index finds what goes however much stays. */
const restOf = (table: string): string =>
  `WITH RECURSIVE tenants AS (
     (SELECT tenant FROM ${table} WHERE at >= $1 AND at < $2 ORDER BY tenant LIMIT 1)
     UNION ALL
     SELECT (SELECT tenant FROM ${table} WHERE at >= $1 AND at < $2 AND tenant > before.tenant ORDER BY tenant LIMIT 1)
     FROM tenants AS before WHERE before.tenant IS NOT NULL
   ), gone AS (
     DELETE FROM ${table} USING tenants
     WHERE ${table}.tenant = tenants.tenant AND at >= $1 AND at < $2 RETURNING 1
   ) SELECT EXISTS (SELECT FROM gone) AS some`

/** The visit log. */
export function visitLog(connection: OwnConnection, name: Names): VisitLog {
  const { visits: table } = name
  const read = async (condition: string, values: unknown[]): Promise<StoredVisit[]> => {
    const found = await connection.read(`SELECT ${columns} FROM ${table} WHERE ${condition}`, values)
    return found.map(visit)
  }
  return {
    async append(tenant, visits) {
      const fields = (['at', 'id', 'session', 'ip', 'host', 'source'] as const).map((field) =>
        visits.map((each) => each[field]),
      )
      await connection.writeMending({
        text: insertInto(table),
        values: [tenant, ...fields],
        state: noSuchDay,
        mend: () => makeDays(connection, name, new Set(visits.map(({ at }) => dayOf(at)))),
      })
    },
    read(tenant, { from, before }) {
      // From the last one's time, not only behind it: so the days before it are not looked at.
      const page = `tenant = $1 AND at >= $2 AND at < $3 AND (at, id) > ($2, $4) ORDER BY at, id LIMIT ${batchSize}`
      return batches((last) => read(page, [tenant, last?.at ?? from, before, last?.id ?? '']))
    },
    async purge(tenant, before) {
      await connection.write(`DELETE FROM ${table} WHERE tenant = $1 AND at < $2`, [tenant, before])
    },
    async purgeAll(before) {
      let purged = false
      for (const day of await days(connection.read, name)) {
        if (day < dayOf(before)) purged = (await dropDay(connection, name, day)) || purged
      }
      const [row] = await connection.write(restOf(table), [`${dayOf(before)}T`, before])
      return row?.['some'] === 't' || purged
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
