import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { packageRoot } from '../../../local/process/package-root.js';
import type { PreparedDatabase } from '../../../local/prepare-database.js';
import { startParts, type Parts } from '../../../local/start-parts.js';

let parts: Parts<'postgres' | 'kms'>;
let database: PreparedDatabase;
const children: ChildProcess[] = [];
beforeAll(async () => {
  parts = await startParts({ with: ['postgres', 'kms'], log: () => undefined, env: process.env });
  database = await parts.prepareDatabase();
});
afterAll(async () => {
  for (const child of children) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  await parts.stop();
});

/** Runs the build output with plain Node, as the image does. */
function run(name: string, env: Record<string, string>) {
  const file = join(packageRoot(), 'dist', 'bin', `${name}.js`);
  const child = spawn(process.execPath, [file], { env: { PATH: process.env['PATH'], NODE_ENV: 'test', ...env } });
  children.push(child);
  let output = '';
  const append = (chunk: string) => (output += chunk);
  child.stdout.setEncoding('utf8').on('data', append);
  child.stderr.setEncoding('utf8').on('data', append);
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const line = async (message: string): Promise<Record<string, unknown>> => {
    for (;;) {
      const found = output.split('\n').find((text) => text.includes(`"msg":"${message}"`));
      if (found !== undefined) return JSON.parse(found) as Record<string, unknown>;
      if (child.exitCode !== null) throw new Error(`ended before "${message}":\n${output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return { child, ended, line, output: () => output };
}

const migrate = () => run('migrate', { DATABASE_URL: database.migrateUrl, DATABASE_TLS: 'off' });
const apiEnvironment = () => ({
  DATABASE_URL: database.serviceUrl,
  DATABASE_TLS: 'off',
  HTTP_HOST: '127.0.0.1',
  HTTP_PORT: '0',
  INTERNAL_HOST: '127.0.0.1',
  INTERNAL_PORT: '0',
  // Unreachable: webhooks can be managed without it.
  TEMPORAL_ADDRESS: '127.0.0.1:1',
  KMS_KEY_ID: parts.kms.keyId,
  KMS_ENDPOINT: parts.kms.endpoint,
  AWS_REGION: parts.kms.region,
  AWS_ACCESS_KEY_ID: parts.kms.credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: parts.kms.credentials.secretAccessKey,
});

describe('migrate', () => {
  test('runs side by side and again', async () => {
    const runs = [migrate(), migrate()];
    expect(await Promise.all(runs.map(({ ended }) => ended))).toEqual([0, 0]);
    const again = migrate();
    expect(await again.ended).toBe(0);
    expect(again.output()).not.toContain(new URL(database.migrateUrl).password);
  });

  test('as the service’s role fails, and logs codes only', async () => {
    const refused = run('migrate', { DATABASE_URL: database.serviceUrl, DATABASE_TLS: 'off' });
    expect(await refused.ended).toBe(1);
    expect(await refused.line('migration failed')).toMatchObject({ level: 'fatal', err: { code: '42501' } });
  });
});

const listening = async ({ line }: ReturnType<typeof run>) =>
  (await line('listening')) as { port: number; internalPort: number };

describe('api', () => {
  test('serves, reports and stops', async () => {
    await migrate().ended;
    const api = run('api', apiEnvironment());
    const { port, internalPort } = await listening(api);
    const headers = { 'content-type': 'application/json', 'x-account-id': randomUUID() };
    const body = JSON.stringify({ url: 'https://customer.example.com/?token=canary', description: 'canary' });
    const answer = await fetch(`http://127.0.0.1:${port}/v1/webhooks`, { method: 'POST', headers, body });
    const { secret } = (await answer.json()) as { secret: string };
    expect(answer.status).toBe(201);

    const internal = (path: string) => fetch(`http://127.0.0.1:${internalPort}${path}`);
    expect([(await internal('/health')).status, (await internal('/ready')).status]).toEqual([200, 200]);
    const metrics = await (await internal('/metrics')).text();
    expect(metrics).toContain('http_request_duration_seconds_count{method="POST",route="/v1/webhooks",status="201"} 1');

    api.child.kill('SIGTERM');
    expect(await api.ended).toBe(0);
    expect(await api.line('request')).toMatchObject({ route: '/v1/webhooks', status: 201 });
    for (const canary of ['canary', secret, secret.slice(6), new URL(database.serviceUrl).password])
      expect(api.output()).not.toContain(canary);
  });

  test('with an invalid environment prints every problem and ends with EX_CONFIG', async () => {
    const api = run('api', { DATABASE_URL: 'postgres://u:canary@h/d?sslmode=disable', HTTP_PORT: 'x' });
    expect(await api.ended).toBe(78);
    for (const name of ['DATABASE_URL', 'HTTP_PORT', 'KMS_KEY_ID', 'AWS_REGION', 'TEMPORAL_ADDRESS'])
      expect(api.output()).toContain(name);
    expect(api.output()).not.toContain('canary');
  });

  test('on a port that is taken ends with 1', async () => {
    const first = run('api', apiEnvironment());
    const { port } = await listening(first);
    const second = run('api', { ...apiEnvironment(), HTTP_PORT: String(port) });
    expect(await second.ended).toBe(1);
    expect(await second.line('did not start')).toMatchObject({ err: { code: 'EADDRINUSE' } });
    first.child.kill('SIGTERM');
    expect(await first.ended).toBe(0);
  });
});
