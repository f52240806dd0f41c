import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { loadApiConfig } from '../../../config/load-api-config.js';
import { createApiWorld, CUSTOMER_URL as url } from '../../support/api-world.js';
import { startTestApi, type TestApi } from '../../support/api.js';

let api: TestApi;
let world: ReturnType<typeof createApiWorld>;
beforeAll(async () => {
  api = await startTestApi();
  world = createApiWorld(api);
});
afterAll(() => api.close());

/** Fakes the clock only: databases and sockets need real timers. */
const clock = (at: number) =>
  jest.useFakeTimers({
    now: at,
    doNotFake: [
      'hrtime',
      'nextTick',
      'performance',
      'queueMicrotask',
      'setImmediate',
      'clearImmediate',
      'setInterval',
      'clearInterval',
      'setTimeout',
      'clearTimeout',
    ],
  });

describe('requests a minute', () => {
  let account: string;
  const started = Date.now();
  beforeEach(() => {
    clock(started);
    account = randomUUID();
  });
  afterEach(() => void jest.useRealTimers());

  const read = (who = account) => world.as(who).get('/v1/webhooks');
  const statuses = async (count: number, ask = read) => {
    const answers = await Promise.all(Array.from({ length: count }, () => ask()));
    return answers.map(({ status }) => status).sort();
  };
  const spend = async (count: number) => expect(await statuses(count)).toEqual(Array<number>(count).fill(200));

  test('API-05 the 61st is refused, says when to come back, and other accounts do not notice', async () => {
    await spend(60);
    const answer = await read();
    expect([answer.status, answer.body.code]).toEqual([429, 'rate_limited']);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/problem+json; charset=utf-8',
      'retry-after': '60',
      ratelimit: '"account"; r=0; t=60',
      'ratelimit-policy': expect.stringMatching(/^"account"; q=60; w=60; pk=:[\w+/=]+:$/),
    });
    expect((await read(randomUUID())).status).toBe(200);
  });

  test('API-05 answers say how many requests are left, and do not name the account', async () => {
    await read();
    const { headers } = await read();
    expect(headers['ratelimit']).toBe('"account"; r=58; t=60');
    expect(JSON.stringify(headers)).not.toContain(account);
    expect(headers).not.toHaveProperty('retry-after');
  });

  test('API-05 a refused request has no effect, and its body is not read', async () => {
    await spend(60);
    const before = await world.contents();
    const broken = await world.as(account).post('/v1/webhooks').type('json').send('{');
    expect([broken.status, (await world.as(account).post('/v1/webhooks').send({ url })).status]).toEqual([429, 429]);
    expect(await world.contents()).toBe(before);
  });

  test('API-05 all at once are not more than one after the other', async () => {
    const all = await statuses(90);
    expect([all.filter((status) => status === 200).length, all.filter((status) => status === 429).length]).toEqual([
      60, 30,
    ]);
  });

  test('API-05 every kind of request counts, with any result', async () => {
    await statuses(20, () => world.as(account).get(`/v1/webhooks/${randomUUID()}`));
    await statuses(20, () => world.as(account).patch('/v1/webhooks'));
    await statuses(20, () => world.as(account).get('/v1/nowhere'));
    expect((await read()).status).toBe(429);
  });

  test('API-05 the next minute is a new one', async () => {
    await spend(60);
    jest.setSystemTime(started + 59_000);
    const { status, headers } = await read();
    expect([status, headers['retry-after']]).toEqual([429, '1']);
    jest.setSystemTime(started + 60_001);
    await spend(60);
    expect((await read()).status).toBe(429);
  });

  test('API-05 capitals are the same account, and a request without account counts for none', async () => {
    await statuses(30);
    await statuses(30, () => read(account.toUpperCase()));
    expect((await read()).status).toBe(429);
    expect(await statuses(70, () => read(''))).toEqual(Array<number>(70).fill(401));
  });
});

test('API-05 sixty is what a process starts with', () => {
  const required = {
    NODE_ENV: 'test',
    DATABASE_URL: 'postgres://u:p@h/d',
    TEMPORAL_ADDRESS: 'h:1',
    AWS_REGION: 'eu-central-1',
    KMS_KEY_ID: 'arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555',
  };
  expect(loadApiConfig(required).http.requestsPerMinute).toBe(60);
});

describe('webhooks an account', () => {
  test('API-06 ten at most, however many ask at once, and one more when one is gone', async () => {
    const account = randomUUID();
    const create = () => world.as(account).post('/v1/webhooks').send({ url });
    const answers = await Promise.all(Array.from({ length: 30 }, create));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([...Array<number>(10).fill(201), ...Array<number>(20).fill(409)]);
    for (const { body, status } of answers) if (status === 409) expect(body.code).toBe('webhook_limit_reached');
    const { body } = await world.as(account).get('/v1/webhooks').expect(200);
    expect(body.data).toHaveLength(10);
    await world.as(account).delete(`/v1/webhooks/${body.data[0].id}`).expect(204);
    expect([(await create()).status, (await create()).status]).toEqual([201, 409]);
  });
});
