import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startPostgres, type Postgres } from '../../../local/start-postgres.js';

const query = async (connectionString: string, sql: string): Promise<Record<string, unknown>[]> => {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
};

describe('startPostgres', () => {
  let dir: string;
  let postgres: Postgres;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'local-postgres-'));
    postgres = await startPostgres({ dir, log: () => undefined });
  });
  afterAll(async () => {
    await postgres.stop();
    await rm(dir, { recursive: true });
  });

  test('starts a server that answers', async () => {
    expect(await query(postgres.adminUrl, 'SELECT current_user AS who')).toEqual([{ who: 'postgres' }]);
    expect(existsSync(`/proc/${postgres.pid}`)).toBe(true);
  });

  test('refuses a wrong password', async () => {
    const url = postgres.adminUrl.replace(/:[0-9a-f]+@/, ':wrong@');
    await expect(query(url, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  });

  test('restarts on the same port with its data, after a stop and after a crash', async () => {
    await query(postgres.adminUrl, 'CREATE TABLE kept AS SELECT 7 AS n');
    const before = postgres.pid;
    await postgres.stop();
    await expect(query(postgres.adminUrl, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await postgres.restart();
    expect(await query(postgres.adminUrl, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
    expect(postgres.pid).not.toBe(before);
    await postgres.kill();
    await postgres.restart();
    expect(await query(postgres.adminUrl, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
  });
});
