import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { createInternalApp, type ReadinessCheck } from '../../../api/internal-app.js';

function app(checks: Record<string, ReadinessCheck>, more: { isStopping?: () => boolean; now?: () => number } = {}) {
  const metrics = [() => 'a_total 1\n', async () => 'b_total 2\n'];
  return createInternalApp({ checks, metrics, isStopping: () => false, now: () => 0, ...more });
}

describe('/ready', () => {
  test('is 200 when every check passes', async () => {
    const answer = await request(app({ database: () => true, nats: async () => true })).get('/ready');
    const state = { ok: true, since: '1970-01-01T00:00:00.000Z' };
    expect([answer.status, answer.body]).toEqual([200, { status: 'ready', checks: { database: state, nats: state } }]);
  });

  test.each<[string, ReadinessCheck]>([
    ['says no', () => false],
    [
      'throws',
      () => {
        throw new Error('canary');
      },
    ],
    ['rejects', () => Promise.reject(new Error('canary'))],
    ['hangs', () => new Promise<boolean>(() => undefined)],
  ])('is 503 when one %s', async (_name, check) => {
    const answer = await request(app({ good: () => true, bad: check })).get('/ready');
    expect(answer.status).toBe(503);
    expect(answer.body).toMatchObject({ status: 'not_ready', checks: { good: { ok: true }, bad: { ok: false } } });
    expect(answer.text).not.toContain('canary');
  });

  test('is 503 while the process ends, although all is well', async () => {
    const answer = await request(app({ good: () => true }, { isStopping: () => true })).get('/ready');
    expect([answer.status, answer.body.status]).toEqual([503, 'stopping']);
  });

  test('tells since when a check has been as it is', async () => {
    let [now, ok] = [1_000, true];
    const internal = app({ database: () => ok }, { now: () => now });
    const since = async () => (await request(internal).get('/ready')).body.checks.database.since;
    const first = await since();
    now = 2_000;
    expect(await since()).toBe(first);
    ok = false;
    expect(await since()).toBe('1970-01-01T00:00:02.000Z');
  });
});

test('/health runs no check', async () => {
  const broken = app(
    {
      bad: () => {
        throw new Error('x');
      },
    },
    { isStopping: () => true },
  );
  expect((await request(broken).get('/health')).status).toBe(200);
});

test('/metrics puts the parts together', async () => {
  const answer = await request(app({})).get('/metrics');
  expect(answer.headers['content-type']).toContain('text/plain; version=0.0.4');
  expect(answer.text).toBe('a_total 1\nb_total 2\n');
});

test.each(['/v1/webhooks', '/v1/deliveries/x', '/'])('%s is nothing here', async (path) => {
  expect((await request(app({})).get(path).set('X-Account-Id', 'x')).status).toBe(404);
});
