import { createFakeTasks } from '../../support/fake-tasks.js';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { randomUUID } from 'node:crypto';
import request from 'supertest';
import { createApp } from '../../../api/app.js';
import { parseOutboundAllow } from '../../../domain/security/outbound-allow.js';
import { createUrlGate } from '../../../domain/security/url-gate.js';
import { createSecretBox } from '../../../keys/secret-box.js';
import { dataKeysOf, startKeyChange, type KeyChange } from '../../support/key-change.js';

let change: KeyChange;
beforeAll(async () => void (change = await startKeyChange()));
afterAll(() => change.close());

const DESCRIPTION = 'the-canary-that-must-be-found';
const RAW_SECRET = 'a raw secret of a customer, 40 characters';

/** Webhooks with a generated secret, with a secret of the customer, and with a secret that a PUT replaced. */
async function register(): Promise<string[]> {
  const app = createApp({
    db: change.database.db,
    secrets: createSecretBox({ dataKeys: dataKeysOf(change.kms.old) }),
    urlGate: createUrlGate({ allow: parseOutboundAllow('http,127.0.0.0/8') }),
    replayDelivery: () => Promise.resolve(undefined),
    cancelDelivery: () => Promise.resolve(undefined),
    replayTasks: createFakeTasks().replayTasks,
    cancelForDeletedWebhook: () => Promise.resolve(),
    testWebhook: () => Promise.resolve(undefined),
    now: Date.now,
    observe: () => undefined,
    isStopping: () => false,
    requestsPerMinute: 60,
  });
  const accountId = randomUUID();
  const send = async (method: 'post' | 'put', path: string, body: object) => {
    const content = { url: 'https://a.example.com/hook', description: DESCRIPTION, eventTypes: null, ...body };
    const answer = await request(app)[method](path).set('x-account-id', accountId).send(content);
    expect(answer.status).toBeLessThan(300);
    return answer.body as { id: string; secret: string };
  };
  const generated = await send('post', '/v1/webhooks', {});
  await send('post', '/v1/webhooks', { secret: RAW_SECRET });
  const replaced = await send('post', '/v1/webhooks', {});
  const rotated = `whsec_${Buffer.from('the bytes of a rotated secret 32').toString('base64')}`;
  await send('put', `/v1/webhooks/${replaced.id}`, { secret: rotated, status: 'enabled' });
  return [generated.secret, RAW_SECRET, replaced.secret, rotated];
}

/** Every column of every row of our tables as text, bytea in hexadecimal, as pg_dump writes them. */
async function dump(): Promise<Buffer> {
  const { admin } = change.database;
  const { rows: tables } = await admin.query<{ name: string }>(TABLES);
  const parts = await Promise.all(
    tables.map(async ({ name }) => {
      const { rows } = await admin.query<{ line: string }>(`SELECT t::text AS line FROM ${name} AS t`);
      return rows.map(({ line }) => line).join('\n');
    }),
  );
  return Buffer.from(parts.join('\n'));
}
const TABLES = `
  SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname IN ('hook', 'public')`;

/** All files of the server: tables, indexes, write-ahead log, statistics, and its log. */
async function files(): Promise<Buffer> {
  await change.database.admin.query('CHECKPOINT');
  const { rows } = await change.database.admin.query<{ data_directory: string }>('SHOW data_directory');
  const data = rows[0]?.data_directory ?? '';
  const entries = await readdir(data, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const contents = paths.map((path) => readFile(path).catch(() => Buffer.alloc(0)));
  return Buffer.concat(await Promise.all([...contents, readFile(join(dirname(data), 'postgres.log'))]));
}

/** The files of a server that the tests did not start cannot be read. */
const look = async () => [await dump(), ...(process.env['DATABASE_URL'] ? [] : [await files()])];

/** The forms in which a secret could be stored there. */
function formsOf(secret: string): (string | Buffer)[] {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret);
  const texts = [secret, ...(['base64', 'base64url', 'hex'] as const).map((encoding) => key.toString(encoding))];
  return [key, ...texts.map((text) => text.replace(/=+$/, '')), key.toString('hex').toUpperCase()];
}

describe('ENC-12 what the database holds', () => {
  test('is no secret in any form, in a dump or on disk, before and after re-encryption', async () => {
    const secrets = await register();
    const places = await look();
    expect(await change.run()).toMatchObject({ stale: 3, rewritten: 3 });
    places.push(...(await look()));
    for (const place of places) {
      expect(place.includes(DESCRIPTION)).toBe(true);
      for (const secret of secrets) for (const form of formsOf(secret)) expect(place.includes(form)).toBe(false);
    }
    // The search works: it finds the envelopes, in hexadecimal form.
    const { rows } = await change.database.admin.query<{ secret_enc: Buffer }>(
      'SELECT secret_enc FROM hook.webhook_configs',
    );
    const afterwards = await dump();
    for (const { secret_enc } of rows) expect(afterwards.includes(secret_enc.toString('hex'))).toBe(true);
  });
});
