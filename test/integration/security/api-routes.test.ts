import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Client } from '@temporalio/client';
import { randomUUID } from 'node:crypto';
import type { Response } from 'supertest';
import { createReplayDelivery } from '../../../control/replay-delivery.js';
import { createApiWorld } from '../../support/api-world.js';
import { ask, firstAccepted, pathOf, routesOfApi, someone, type Route } from '../../support/api-routes.js';
import { startTestApi, type TestApi } from '../../support/api.js';

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

const ROUTES = routesOfApi();
const aboutSomething = ROUTES.filter(({ things }) => things.length > 0);
const someoneNew = () => someone(world, randomUUID());
/** The state of the tables and of Temporal. */
const everything = async () => [await world.contents(), started.length];

test('routes are found', () => {
  const known = ['GET /v1/webhooks', 'POST /v1/webhooks', 'PUT /v1/webhooks/:id', 'POST /v1/deliveries/:id/retry'];
  expect(ROUTES.map(({ route }) => route)).toEqual(expect.arrayContaining(known));
});

/** Everything that a client sees in a response, except the date and its rate limit. */
function seen({ status, text, headers }: Response) {
  const { date: _date, ratelimit: _count, ...stable } = headers as Record<string, string>;
  return { status, text, stable };
}

/** Ids that `account` must not reach: of another account, unknown, deleted, and not an id. */
async function unreachableIds(account: string): Promise<Record<string, string>[]> {
  const [foreign, deleted] = [await someoneNew(), await someone(world, account)];
  await world.as(account).delete(`/v1/webhooks/${deleted['webhooks']}`).expect(204);
  await api.database.admin.query('DELETE FROM hook.delivery_attempts WHERE delivery_id = $1', [deleted['deliveries']]);
  const things = ['webhooks', 'deliveries', 'tasks'];
  const every = (id: (of: string) => string) => Object.fromEntries(things.map((of) => [of, id(of)]));
  return [
    ...[
      foreign,
      every(() => randomUUID()),
      { ...deleted, tasks: randomUUID() },
      every((of) => foreign[of]!.toUpperCase()),
    ],
    ...[every(() => 'x'), every(() => '%00'), every((of) => `${foreign[of]}%20`)],
  ];
}

/** Runs `work` without row level security: the conditions of the statements must be enough. */
async function withoutRowSecurity(work: () => Promise<void>): Promise<void> {
  const set = async (state: string) => {
    for (const table of ['hook.webhook_configs', 'hook.delivery_attempts'])
      await api.database.admin.query(`ALTER TABLE ${table} ${state} ROW LEVEL SECURITY`);
  };
  await set('DISABLE');
  await work().finally(() => set('ENABLE'));
}

describe.each(aboutSomething)('$route', (route: Route) => {
  async function sameAnswerForAll(): Promise<void> {
    const { body } = await firstAccepted(world, route, randomUUID);
    const account = (await someoneNew())['account']!;
    const all = await unreachableIds(account);
    const before = await everything();
    const answers = [];
    for (const ids of all) {
      const request = ask(world, route, { account, path: pathOf(route, ids), body });
      answers.push(seen(await request.set('X-Request-Id', 'same-request')));
    }
    expect(answers[0]).toMatchObject({ status: 404, text: expect.stringContaining('"code":"not_found"') });
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(await everything()).toEqual(before);
  }

  test(
    'API-02 a foreign, an unknown and a deleted id get one answer, byte for byte, and nothing changes',
    sameAnswerForAll,
  );

  test('API-02 also without row level security', () => withoutRowSecurity(sameAnswerForAll));

  test('API-02 a body that is refused says the same whosever id it is sent to', async () => {
    const [own, other] = [await someoneNew(), await someoneNew()];
    const unknown = { ...own, webhooks: randomUUID(), deliveries: randomUUID(), tasks: randomUUID() };
    const answers = [];
    for (const ids of [other, unknown]) {
      const asked = { account: own['account']!, path: pathOf(route, ids), body: { url: 'https://10.0.0.1/', x: 1 } };
      answers.push(seen(await ask(world, route, asked).set('X-Request-Id', 'same-request')));
    }
    expect([404, 422]).toContain(answers[0]?.status);
    expect(answers[1]).toEqual(answers[0]);
  });
});

describe.each(ROUTES)('$route', (route: Route) => {
  test('API-01 without an account nothing is looked at', async () => {
    const own = await someoneNew();
    const before = await everything();
    const answer = await ask(world, route, { account: '', path: pathOf(route, own), body: undefined });
    expect([answer.status, answer.body.code]).toEqual([401, 'identity_missing']);
    expect(await everything()).toEqual(before);
  });

  test('API-03 the account is the header’s, with any body, query and cookie', async () => {
    const { body } = await firstAccepted(world, route, randomUUID);
    const [own, other] = [await someoneNew(), randomUUID()];
    const claims = { accountId: other, account_id: other };
    const path = pathOf(route, own);
    const query = new URLSearchParams(claims).toString();
    const asked = { account: own['account']!, path };
    if (route.method !== 'GET') await ask(world, route, { ...asked, body: { ...body, ...claims } });
    await ask(world, route, { ...asked, path: `${path}?${query}`, body }).set('Cookie', `X-Account-Id=${other}`);
    const owned = `SELECT id FROM hook.webhook_configs WHERE account_id = $1
                   UNION ALL SELECT delivery_id FROM hook.delivery_attempts WHERE account_id = $1`;
    expect((await api.database.admin.query(owned, [other])).rows).toEqual([]);
  });

  test('LEAK-03 a secret is in the answer to a registration or a rotation that made it, and in no other', async () => {
    const { answer } = await firstAccepted(world, route, randomUUID);
    const all = answer.text + JSON.stringify(answer.headers);
    expect(/whsec_|secret(?!Version|ExpiresAt)/i.test(all.replaceAll('previousSecretExpiresAt', ''))).toBe(
      ['POST /v1/webhooks', 'POST /v1/webhooks/:id/secret/rotate'].includes(route.route),
    );
  });
});

test('API-02 lists hold the account’s own without row level security as well', () =>
  withoutRowSecurity(async () => {
    const [me] = [await someoneNew(), await someoneNew()];
    const { body } = await world.as(me['account']!).get('/v1/webhooks').expect(200);
    expect(body.data.map(({ id }: { id: string }) => id)).toEqual([me['webhooks']]);
    const deliveries = await world.as(me['account']!).get(`/v1/webhooks/${me['webhooks']}/deliveries`).expect(200);
    expect(deliveries.body.data.map(({ id }: { id: string }) => id)).toEqual([me['deliveries']]);
  }));

test('API-02 lists hold only the account’s own rows, with any cursor or query', async () => {
  const [me, other] = [await someoneNew(), await someoneNew()];
  const as = world.as(me['account']!);
  const { body } = await as.get('/v1/webhooks').expect(200);
  expect(body.data.map(({ id }: { id: string }) => id)).toEqual([me['webhooks']]);
  for (const cursor of [other['webhooks'], other['deliveries'], randomUUID()]) {
    const { text } = await as.get('/v1/webhooks').query({ cursor });
    expect(text).not.toContain(other['webhooks']);
  }
  for (const name of ['accountId', 'account_id', 'X-Account-Id'])
    await as
      .get('/v1/webhooks')
      .query({ [name]: other['account'] })
      .expect(422);
});

describe('other methods', () => {
  test.each([...new Set(ROUTES.map(({ path }) => path))])(
    'API-07 %s answers them with 405 and the allowed methods, for an id of any account',
    async (path) => {
      const known = ROUTES.filter((route) => route.path === path);
      const allowed = known.map(({ method }) => method);
      if (allowed.includes('GET')) allowed.push('HEAD');
      const me = await someoneNew();
      const before = await everything();
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
        if (allowed.includes(method)) continue;
        const asked = { account: me['account']!, path: pathOf(known[0]!, me), body: undefined };
        const answer = await ask(world, { ...known[0]!, method }, asked);
        expect([answer.status, answer.body.code]).toEqual([405, 'method_not_allowed']);
        expect(answer.headers['allow']).toBe(allowed.sort().join(', '));
      }
      expect(await everything()).toEqual(before);
    },
  );
});
