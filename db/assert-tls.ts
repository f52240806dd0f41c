import type pg from 'pg';
import { DatabaseError } from './errors.js';

/**
 * Asserts that the server sees this connection encrypted. The client side is encrypted already, or there would be no
 * connection. This check finds a proxy that ends TLS and continues in clear text.
 * @throws DatabaseError `misconfigured`; errors of pg.
 */
export async function assertTls(client: Pick<pg.ClientBase, 'query'>): Promise<void> {
  const { rows } = await client.query<{ ssl: boolean }>(
    'SELECT ssl FROM pg_catalog.pg_stat_ssl WHERE pid = pg_catalog.pg_backend_pid()',
  );
  if (rows[0]?.ssl !== true) throw new DatabaseError('misconfigured', 'NOT_ENCRYPTED');
}
