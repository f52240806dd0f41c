import pg from 'pg';

/** Connects, runs one query and disconnects. Rejects if the server does not answer within two seconds. */
export const probePostgres = async (connectionString: string, ssl?: false): Promise<void> => {
  const client = new pg.Client({
    connectionString,
    connectionTimeoutMillis: 2_000,
    query_timeout: 2_000,
    ...(ssl === false && { ssl }),
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
  } finally {
    await client.end().catch(() => undefined);
  }
};
