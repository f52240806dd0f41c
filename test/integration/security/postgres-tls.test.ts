import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type pg from 'pg';
import { databaseGroup } from '../../../config/groups/database.js';
import { loadGroups } from '../../../config/load-groups.js';
import { createPool } from '../../../db/client.js';
import { toDatabaseError } from '../../../db/errors.js';
import { createAuthority } from '../../support/certificates.js';
import { countContexts } from '../../support/count-contexts.js';
import { startPgTlsStripper } from '../../support/pg-tls-stripper.js';
import { startTlsPostgres, type TlsPostgres } from '../../support/pg-tls.js';

const authority = createAuthority();
let postgres: TlsPostgres;
beforeAll(async () => void (postgres = await startTlsPostgres(authority, 'DNS:localhost,IP:127.0.0.1,IP:::1')));
afterAll(() => postgres.stop());

interface Way {
  host?: string;
  port?: number | undefined;
  /** `admin` may connect without TLS. */
  role?: 'service' | 'migrate' | 'admin';
  /** PEM; `system`: the certificate authorities of the system; `off`: no TLS. */
  ca?: string;
}

/** The result of `ask` through a pool that is configured by the service's variables, or the code of its error. */
async function through<T>(
  { host, port, role = 'service', ca = authority.ca }: Way,
  ask: (pool: pg.Pool) => Promise<T>,
) {
  const url = new URL(postgres.database[`${role}Url`]);
  if (host !== undefined) url.hostname = host;
  if (port !== undefined) url.port = String(port);
  const tls = ca === 'off' ? { DATABASE_TLS: 'off' } : ca === 'system' ? {} : { DATABASE_CA: ca };
  const { database } = loadGroups({ NODE_ENV: 'test', DATABASE_URL: url.href, ...tls }, { database: databaseGroup });
  const config = { ...database, password: database.password?.(), applicationName: 'test' };
  const pool = createPool(config, () => undefined);
  try {
    return await ask(pool);
  } catch (error) {
    return toDatabaseError(error).code;
  } finally {
    await pool.end();
  }
}
const connected = (pool: pg.Pool) => pool.query('SELECT 1').then(() => 'connected');

describe('PG-02 the server', () => {
  test.each(['service', 'migrate'] as const)(
    'refuses the %s role without TLS, with the right password',
    async (role) => {
      expect(await through({ role, ca: 'off' }, connected)).toBe('28000');
      expect(await through({ role }, connected)).toBe('connected');
    },
  );

  test('speaks TLS 1.2 or later, as it says itself', async () => {
    const versions = await through({}, async (pool) => {
      const { rows } = await pool.query<{ ssl: boolean; version: string }>(
        'SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
      );
      return rows;
    });
    expect(versions).toEqual([{ ssl: true, version: expect.stringMatching(/^TLSv1\.[23]$/) }]);
  });
});

describe('PG-02 the service', () => {
  test.each(['localhost', '127.0.0.1', '[::1]'])('connects to %s, which the certificate names', async (host) => {
    expect(await through({ host }, connected)).toBe('connected');
  });

  test('makes one TLS context for all connections of a pool', async () => {
    const threeConnections = (pool: pg.Pool) =>
      Promise.all(Array.from({ length: 3 }, () => pool.query('SELECT pg_backend_pid() AS pid')));
    let pids = new Set<unknown>();
    const made = await countContexts(async () => {
      const results = await through({}, threeConnections);
      pids = new Set((results as pg.QueryResult<{ pid: number }>[]).map(({ rows }) => rows[0]?.pid));
    });
    expect([pids.size, made]).toEqual([3, 1]);
  });

  test('does not talk to a server of another authority', async () => {
    expect(await through({ ca: createAuthority().ca }, connected)).toMatch(/SIGNATURE|CERT/);
    expect(await through({ ca: 'system' }, connected)).toMatch(/SIGNATURE|CERT/);
  });

  test.each([
    ...['sslmode=disable', 'sslmode=no-verify', 'sslmode=require', 'sslmode=verify-full', 'SSLMODE=disable', 'ssl=0'],
    ...['sslrootcert=/tmp/ca.pem', 'uselibpqcompat=true'],
  ])('does not start with DATABASE_URL …?%s', (parameter) => {
    const DATABASE_URL = `${postgres.database.serviceUrl}?${parameter}`;
    expect(() => loadGroups({ DATABASE_URL }, { database: databaseGroup })).toThrow('has ssl parameters');
  });

  test('does not start in production with TLS switched off', () => {
    const env = { NODE_ENV: 'production', DATABASE_URL: postgres.database.serviceUrl, DATABASE_TLS: 'off' };
    expect(() => loadGroups(env, { database: databaseGroup })).toThrow('DATABASE_TLS is "off"');
  });
});

describe('PG-02 a server in between', () => {
  /** The result of a connection through a proxy whose certificate has these names. */
  async function past(names: string, way: Way, direct = postgres.database.adminUrl) {
    const stripper = await startPgTlsStripper(authority.issue({ names }), Number(new URL(direct).port));
    try {
      return await through({ host: 'localhost', ...way, port: stripper.port }, connected);
    } finally {
      await stripper.close();
    }
  }

  test('under another name is not talked to', async () => {
    expect(await past('DNS:other.example', {})).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(await past('DNS:localhost', { host: '127.0.0.1' })).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(await past('IP:127.0.0.2', { host: '127.0.0.1' })).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  test('under the right name that goes on in clear text is refused by the server', async () => {
    expect(await past('DNS:localhost', {})).toBe('28000');
  });

  test('is found out even where the server lets clear text in', async () => {
    expect(await past('DNS:localhost', { role: 'admin' })).toBe('NOT_ENCRYPTED');
    expect(await through({ role: 'admin' }, connected)).toBe('connected');
  });
});
