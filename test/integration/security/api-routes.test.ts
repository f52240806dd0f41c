import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Client } from '@temporalio/client';
import type { Router } from 'express';
import { randomUUID } from 'node:crypto';
import type { Response, Test } from 'supertest';
import { createReplayDelivery } from '../../../control/replay-delivery.js';
import { createRoutes } from '../../../api/routes.js';
import { createApiWorld, CUSTOMER_URL as url } from '../../support/api-world.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { routesOf } from '../../support/routes-of.js';

let api: TestApi;
let world: ReturnType<typeof createApiWorld>;
const started: string[] = [];
beforeAll(async () => {
  api = await startTestApi({ requestsPerMinute: 10_000 });
  world = createApiWorld(api);
  const client = {
    withDeadline: (_deadline: number, work: () => unknown) => work(),
    workflow: { start: (_type: string, { workflowId }: { workflowId: string }) => void started.push(workflowId) },
  };
  const replaying = { client: client as unknown as Client, db: api.database.db, taskQueue: 'q', schedule: [0] };
  api.replay = createReplayDelivery(replaying);
});
afterAll(() => api.close());

interface Route {
  readonly route: string;
  /** What its id is an id of. */
  readonly of: 'webhook' | 'delivery';
  readonly own: number;
  readonly send: (account: string, id: string) => Test;
}

const ROUTES: Route[] = [
  { route: 'GET /v1/webhooks/:id', of: 'webhook', own: 200, send: (a, id) => world.as(a).get(`/v1/webhooks/${id}`) },
  {
    route: 'PUT /v1/webhooks/:id',
    of: 'webhook',
    own: 200,
    send: (a, id) => world.as(a).put(`/v1/webhooks/${id}`).send({ url, secret: 'a secret of 24 characters' }),
  },
  {
    route: 'DELETE /v1/webhooks/:id',
    of: 'webhook',
    own: 204,
    send: (a, id) => world.as(a).delete(`/v1/webhooks/${id}`),
  },
  {
    route: 'GET /v1/webhooks/:id/deliveries',
    of: 'webhook',
    own: 200,
    send: (a, id) => world.as(a).get(`/v1/webhooks/${id}/deliveries`),
  },
  {
    route: 'GET /v1/deliveries/:id',
    of: 'delivery',
    own: 200,
    send: (a, id) => world.as(a).get(`/v1/deliveries/${id}`),
  },
  {
    route: 'POST /v1/deliveries/:id/retry',
    of: 'delivery',
    own: 202,
    send: (a, id) => world.as(a).post(`/v1/deliveries/${id}/retry`),
  },
];
const WITHOUT_ID = ['GET /v1/webhooks', 'POST /v1/webhooks'];

test('API-02 the table below has every route there is', () => {
  const routes: Router = createRoutes({
    ...{ db: api.database.db, seal: api.secretBox.seal, urlGate: () => ({ ok: false, reason: 'shape' }) },
    ...{ replayDelivery: api.replay, now: Date.now, requestsPerMinute: 1 },
  });
  const all = routesOf(routes);
  expect([...all].sort()).toEqual([...ROUTES.map(({ route }) => route), ...WITHOUT_ID].sort());
});

/** All that a client gets to see, but for the clock and its own count of requests. */
function seen({ status, text, headers }: Response) {
  const { date: _date, ratelimit: _count, ...stable } = headers as Record<string, string>;
  return { status, text, stable };
}

async function someone(): Promise<{ account: string; webhook: string; delivery: string }> {
  const account = randomUUID();
  const { id: webhook } = await world.register(account);
  return { account, webhook, delivery: await world.deliver(account, webhook) };
}

/** Ids that mean nothing to `account`: foreign, unknown, deleted, and none at all. */
async function nobodys(of: Route['of'], account: string): Promise<string[]> {
  const foreign = (await someone())[of];
  const { id: webhook } = await world.register(account);
  const delivery = await world.deliver(account, webhook);
  await world.as(account).delete(`/v1/webhooks/${webhook}`).expect(204);
  await api.database.admin.query('DELETE FROM hook.delivery_attempts WHERE delivery_id = $1', [delivery]);
  return [foreign, randomUUID(), { webhook, delivery }[of], foreign.toUpperCase(), 'x', '%00', `${foreign}%20`];
}

describe.each(ROUTES)('$route', ({ of, own, send }) => {
  test('API-02 what is foreign, unknown or deleted is one answer, byte for byte, and nothing changes', async () => {
    const { account } = await someone();
    const ids = await nobodys(of, account);
    const [before, startedBefore] = [await world.contents(), started.length];
    const answers = [];
    for (const id of ids) answers.push(seen(await send(account, id).set('X-Request-Id', 'same-request')));
    expect(answers[0]).toMatchObject({ status: 404, text: expect.stringContaining('"code":"not_found"') });
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect([await world.contents(), started.length]).toEqual([before, startedBefore]);
  });

  test('API-02 what is the account’s own is served', async () => {
    const me = await someone();
    expect((await send(me.account, me[of])).status).toBe(own);
  });

  test('API-01 without an account nothing is looked at', async () => {
    const me = await someone();
    const before = await world.contents();
    const answer = await send(me.account, me[of]).set('X-Account-Id', '');
    expect([answer.status, answer.body.code]).toEqual([401, 'identity_missing']);
    expect(await world.contents()).toBe(before);
  });
});

test('API-02 a body that is refused says the same whosever id it is sent to', async () => {
  const [{ account }, other] = [await someone(), await someone()];
  const bad = (id: string) => world.as(account).put(`/v1/webhooks/${id}`).send({ url: 'https://10.0.0.1/' });
  const answers = [];
  for (const id of [other.webhook, randomUUID()]) answers.push(seen(await bad(id).set('X-Request-Id', 'same-request')));
  expect(answers[0]?.status).toBe(422);
  expect(answers[1]).toEqual(answers[0]);
});

test('API-02 lists hold the account’s own, whatever cursor or query comes along', async () => {
  const [me, other] = [await someone(), await someone()];
  const { body } = await world.as(me.account).get('/v1/webhooks').expect(200);
  expect(body.data.map(({ id }: { id: string }) => id)).toEqual([me.webhook]);
  for (const cursor of [other.webhook, other.delivery, randomUUID()]) {
    const { text } = await world.as(me.account).get('/v1/webhooks').query({ cursor });
    expect(text).not.toContain(other.webhook);
  }
  for (const name of ['accountId', 'account_id', 'X-Account-Id'])
    await world
      .as(me.account)
      .get('/v1/webhooks')
      .query({ [name]: other.account })
      .expect(422);
});

describe('other methods', () => {
  const paths = [...new Set([...ROUTES.map(({ route }) => route), ...WITHOUT_ID].map((route) => route.split(' ')[1]!))];

  test.each(paths)('API-07 %s answers them with 405 and what it allows, whoever’s id it is', async (path) => {
    const known = [...ROUTES.map(({ route }) => route), ...WITHOUT_ID].filter((route) => route.endsWith(` ${path}`));
    const allowed = known.map((route) => route.split(' ')[0]!);
    if (allowed.includes('GET')) allowed.push('HEAD');
    const me = await someone();
    const before = await world.contents();
    for (const method of ['get', 'post', 'put', 'patch', 'delete', 'options'] as const) {
      if (allowed.includes(method.toUpperCase())) continue;
      const answer = await world.as(me.account)[method](path.replace(':id', me.webhook));
      expect([answer.status, answer.body.code]).toEqual([405, 'method_not_allowed']);
      expect(answer.headers['allow']).toBe(allowed.sort().join(', '));
    }
    expect(await world.contents()).toBe(before);
  });
});
