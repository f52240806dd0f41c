import type pg from 'pg';
import { DatabaseError } from './errors.js';

/**
 * Asks the server whether it sees this connection encrypted. Our own side is encrypted already, or there would be no
 * connection: this finds what ends TLS on the way and goes on in clear text.
 * @throws DatabaseError `misconfigured`, or what pg throws.
 */
export async function assertTls(client: Pick<pg.ClientBase, 'query'>): Promise<void> {
  const { rows } = await client.query<{ ssl: boolean }>(
    'SELECT ssl FROM pg_catalog.pg_stat_ssl WHERE pid = pg_catalog.pg_backend_pid()',
  );
  if (rows[0]?.ssl !== true) throw new DatabaseError('misconfigured', 'NOT_ENCRYPTED');
}
