import { KMSClient, DescribeKeyCommand } from '@aws-sdk/client-kms';
import { afterEach, describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { Connection } from '@temporalio/client';
import { connect } from 'nats';
import pg from 'pg';
import { startParts } from '../../../local/start-parts.js';

const log = (): void => undefined;
const isRunning = (pid: number | undefined): boolean => existsSync(`/proc/${pid}`);

describe('startParts', () => {
  let stop: (() => Promise<void>) | undefined;
  afterEach(async () => {
    await stop?.();
    stop = undefined;
  });

  test('starts all servers, each answers, and nothing is left after stop', async () => {
    const lines: string[] = [];
    const parts = await startParts({
      log: (line) => lines.push(line),
      env: process.env,
      with: ['postgres', 'nats', 'temporal', 'kms', 'customer'],
    });
    stop = parts.stop;
    const { postgres, nats, temporal, kms, customer } = parts;
    const database = await parts.prepareDatabase();
    const client = new pg.Client({ connectionString: database.serviceUrl });
    await client.connect();
    expect((await client.query('SELECT current_user AS who')).rows).toEqual([{ who: 'hook_svc' }]);
    await client.end();
    await (await connect({ servers: nats.url })).close();
    await (await Connection.connect({ address: temporal.address })).close();
    await new KMSClient({ ...kms }).send(new DescribeKeyCommand({ KeyId: kms.keyId }));
    expect(await customer.requests()).toEqual([]);
    expect(lines).toHaveLength(5);
    const pids = [postgres, nats, temporal, kms, customer].map((part) => part.pid);
    expect(pids.every(isRunning)).toBe(true);
    await parts.stop();
    expect(pids.some(isRunning)).toBe(false);
    expect(existsSync(parts.dir)).toBe(false);
  });

  test('uses external servers and leaves them running, without its databases', async () => {
    const ours = await startParts({ log, env: process.env, with: ['postgres', 'nats'] });
    stop = ours.stop;
    const existing = { databaseUrl: ours.postgres.adminUrl, natsUrl: ours.nats.url };
    const guest = await startParts({ log, env: process.env, with: ['postgres', 'nats'], existing });
    const { name } = await guest.prepareDatabase();
    await expect(guest.postgres.restart()).rejects.toThrow(/is external, so/);
    await guest.stop();
    const client = new pg.Client({ connectionString: ours.postgres.adminUrl });
    await client.connect();
    expect((await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name])).rows).toEqual([]);
    await client.end();
    expect(isRunning(ours.nats.pid)).toBe(true);
  });

  test('ends the others and names the remedies if one server cannot be started', async () => {
    const lines: string[] = [];
    const env = { PATH: '', HOME: '/nonexistent', XDG_CACHE_HOME: '/dev/null/no' };
    const started = startParts({ log: (line) => lines.push(line), env, with: ['kms', 'nats'] });
    await expect(started).rejects.toThrow(/NATS could not be started[^]*install Go[^]*on the PATH[^]*set NATS_URL/);
    const [, port] = /KMS endpoint answers on 127.0.0.1:(\d+)/.exec(lines.join('\n')) ?? [];
    if (port) await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toThrow();
  });

  test('names an external server that does not answer, without its password', async () => {
    const existing = { databaseUrl: 'postgres://u:hidden-word@127.0.0.1:9/postgres' };
    const started = startParts({ log, env: process.env, with: ['postgres'], existing });
    await expect(started).rejects.toThrow(/^the server of DATABASE_URL does not answer: (?!.*hidden-word)/);
  });
});
