import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TemporalServer } from '../local/start-temporal-server.js';
import type { World } from './start-world.js';

/** Beside the CPU profiles: what PostgreSQL was asked, the dearest first, and Temporal's own metrics. */
export async function keepFindings({ admin, temporal }: World, folder: string): Promise<void> {
  await admin.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
  const { rows } = await admin.query(
    `SELECT d.datname AS database, s.calls, round(s.total_exec_time) AS "totalMs", round(s.mean_exec_time::numeric, 3) AS "meanMs",
       s.rows, s.wal_bytes AS "walBytes", regexp_replace(s.query, '\\s+', ' ', 'g') AS query
     FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid ORDER BY s.total_exec_time DESC LIMIT 60`,
  );
  await writeFile(join(folder, 'statements.json'), JSON.stringify(rows, null, 2));
  const { metricsUrl } = temporal as Partial<TemporalServer>;
  if (metricsUrl !== undefined) await writeFile(join(folder, 'temporal.prom'), await (await fetch(metricsUrl)).text());
}
