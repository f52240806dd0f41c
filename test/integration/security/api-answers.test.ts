import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomBytes, randomUUID } from 'node:crypto';
import type { ClientRequest } from 'node:http';
import type { Response } from 'supertest';
import { createInternalApp } from '../../../api/internal-app.js';
import { listenHttp, type HttpListener } from '../../../bin/process/listen-http.js';
import { PROBLEMS, problemSchema, type ProblemCode } from '../../../contracts/rest/problem.js';
import { createApiWorld, CUSTOMER_URL as url } from '../../support/api-world.js';
import { findDelivery } from '../../../db/queries/deliveries.js';
import { startTestApi, type TestApi } from '../../support/api.js';

const CANARY = 'canary-of-an-error';
let api: TestApi;
let world: ReturnType<typeof createApiWorld>;
let account: string;
let webhook: string;
let delivery: string;
beforeAll(async () => {
  api = await startTestApi();
  world = createApiWorld(api);
  account = randomUUID();
  webhook = (await world.register(account)).id;
  delivery = await world.deliver(account, webhook);
});
afterAll(() => api.close());

/** One request for each problem. */
const PROVOKED: Record<ProblemCode, () => PromiseLike<Response>> = {
  malformed_request: () => world.as(account).post('/v1/webhooks').type('json').send('{'),
  identity_ambiguous: () => twoAccounts(),
  identity_missing: () => world.as('').get('/v1/webhooks'),
  not_found: () => world.as(account).get(`/v1/webhooks/${randomUUID()}`),
  method_not_allowed: () => world.as(account).patch('/v1/webhooks'),
  webhook_limit_reached: async () => {
    const full = randomUUID();
    for (let i = 0; i < 10; i++) await world.register(full);
    return await world.as(full).post('/v1/webhooks').send({ url });
  },
  idempotency_key_invalid: () => world.as(account).post('/v1/webhooks').set('Idempotency-Key', '').send({ url }),
  idempotency_key_reused: async () => {
    const post = (body: object) => world.as(account).post('/v1/webhooks').set('Idempotency-Key', 'k').send(body);
    await post({ url });
    return await post({ url, description: 'other' });
  },
  precondition_failed: () =>
    world.as(account).delete(`/v1/webhooks/${webhook}`).set('If-Match', '"0-0123456789abcdef"'),
  webhook_disabled: async () => {
    const { id } = await world.register(account);
    await world.as(account).put(`/v1/webhooks/${id}`).send({ url, status: 'disabled' });
    return await world.as(account).post(`/v1/webhooks/${id}/recover`).send({ since: '2026-01-01T00:00:00Z' });
  },
  delivery_ended: async () => {
    const row = (await findDelivery(api.database.db, account, delivery))!;
    api.cancel = () => Promise.resolve({ kind: 'ended_before', row });
    return await world.as(account).post(`/v1/deliveries/${delivery}/cancel`);
  },
  task_ended: async () => {
    const since = '2026-01-01T00:00:00Z';
    const { body } = await world.as(account).post(`/v1/webhooks/${webhook}/recover`).send({ since });
    const cancel = () => world.as(account).post(`/v1/tasks/${(body as { id: string }).id}/cancel`);
    await cancel();
    return await cancel();
  },
  payload_too_large: () =>
    world
      .as(account)
      .post('/v1/webhooks')
      .send({ url, description: 'x'.repeat(17_000) }),
  unsupported_media_type: () => world.as(account).post('/v1/webhooks').type('text').send('x'),
  invalid_request: () => world.as(account).post('/v1/webhooks').send({ url: 'http://10.0.0.1/' }),
  rate_limited: async () => {
    const busy = randomUUID();
    for (let i = 0; i < 60; i++) await world.as(busy).get('/v1/webhooks');
    return await world.as(busy).get('/v1/webhooks');
  },
  internal_error: () => retry(() => Promise.reject(new TypeError(CANARY))),
  unavailable: async () => {
    await api.kmsServer.stop();
    const answer = await world.as(randomUUID()).post('/v1/webhooks').send({ url });
    await api.kmsServer.restart();
    return answer;
  },
};
async function retry(replay: TestApi['replay']): Promise<Response> {
  api.replay = replay;
  return await world.as(account).post(`/v1/deliveries/${delivery}/retry`);
}
/** supertest would join the two values; the server must see two headers. */
async function twoAccounts(): Promise<Response> {
  const twice = (request: unknown) => {
    const create = (request as { request: () => ClientRequest }).request;
    Object.assign(request as object, {
      request(this: unknown) {
        const outgoing = create.call(this);
        outgoing.setHeader('X-Account-Id', [account, account]);
        return outgoing;
      },
    });
  };
  return await world.as(account).get('/v1/webhooks').use(twice);
}

const PROTECTED = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};
function isProtected(answer: Response): void {
  expect(answer.headers).toMatchObject(PROTECTED);
  expect(answer.headers['x-request-id']).toMatch(/^[\w-]{8,64}$/);
  for (const name of ['x-powered-by', 'server', 'access-control-allow-origin', 'set-cookie'])
    expect(answer.headers).not.toHaveProperty(name);
}

describe('every status', () => {
  test.each(Object.keys(PROBLEMS) as ProblemCode[])('API-07 %s is a problem of the catalog', async (code) => {
    const answer = await PROVOKED[code]();
    isProtected(answer);
    expect(answer.headers).not.toHaveProperty('etag');
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    const problem = problemSchema.parse(JSON.parse(answer.text));
    expect(problem).toMatchObject({ code, status: answer.status, title: PROBLEMS[code].title });
    expect(answer.text).not.toContain(CANARY);
    const waits = code === 'rate_limited' || code === 'unavailable';
    expect(answer.headers['retry-after'] !== undefined).toBe(waits);
  });

  test('API-07 what succeeds is protected the same way', async () => {
    const accepted = { kind: 'replaying', workflowId: 'wh-1' } as const;
    const doomed = (await world.register(account)).id;
    const answers = [
      await world.as(account).get('/v1/webhooks'),
      await world.as(account).post('/v1/webhooks').send({ url }),
      await retry(() => Promise.resolve(accepted)),
      await world.as(account).delete(`/v1/webhooks/${doomed}`),
      await world.as(account).head('/v1/webhooks'),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 201, 202, 204, 200]);
    answers.forEach(isProtected);
    for (const { status, headers } of answers)
      expect(headers['content-type']).toBe(status === 204 ? undefined : 'application/json; charset=utf-8');
  });

  test('API-07 a stranger’s text is a JSON string and nothing else', async () => {
    const preview = '<script>alert(1)</script>\u2028"}],"x":[{"y":"';
    const id = await world.deliver(account, webhook, { response_body_preview: preview });
    const answer = await world.as(account).get(`/v1/deliveries/${id}`).expect(200);
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(JSON.parse(answer.text).attempts[0].responseBodyPreview).toBe(preview);
  });
});

describe('two listeners', () => {
  let [outside, inside]: HttpListener[] = [];
  beforeAll(async () => {
    const internal = { checks: {}, metrics: [() => 'a_metric 1\n'], isStopping: () => false, now: Date.now };
    const local = { host: '127.0.0.1', port: 0 };
    outside = await listenHttp({ app: api.app, ...local });
    inside = await listenHttp({ app: createInternalApp(internal), ...local });
  });
  afterAll(() => Promise.all([outside?.close(), inside?.close()]));
  const ask = async (listening: HttpListener | undefined, path: string, method = 'GET') => {
    const headers = { 'X-Account-Id': account };
    const answer = await fetch(`http://127.0.0.1:${String(listening?.port)}${path}`, { method, headers });
    return { status: answer.status, text: await answer.text() };
  };

  test.each(['/health', '/ready', '/metrics', '/v1/metrics', '/v1/../metrics', '/%6detrics', '/metrics/'])(
    'API-08 %s is not on the customers’ one',
    async (path) => {
      const { status, text } = await ask(outside, path);
      expect([status, JSON.parse(text).code]).toEqual([404, 'not_found']);
    },
  );

  test.each(['/v1/webhooks', '/v1/deliveries/x', '/V1/WEBHOOKS', '/'])(
    'API-08 %s is not on the internal one, account or not',
    async (path) => {
      for (const method of ['GET', 'POST', 'PUT', 'DELETE']) expect((await ask(inside, path, method)).status).toBe(404);
    },
  );

  test('API-08 the internal one has its three', async () => {
    const answers = await Promise.all(['/health', '/ready', '/metrics'].map((path) => ask(inside, path)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  });
});

describe('a secret', () => {
  const forms = (secret: string) => {
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
    const whole = [secret, secret.slice(6), key.toString('base64url'), key.toString('hex'), encodeURIComponent(secret)];
    return [...whole, secret.slice(6, 16), secret.slice(-10), key.toString('hex').slice(0, 10)];
  };
  const envelopeForms = async (id: string) => {
    const text = 'SELECT secret_enc, secret_prev_enc FROM hook.webhook_configs WHERE id = $1';
    const { rows } = await api.database.admin.query(text, [id]);
    const envelopes = Object.values(rows[0] as Record<string, Buffer | null>).filter((value) => value !== null);
    return envelopes.flatMap((envelope) => [
      ...(['hex', 'base64', 'base64url'] as const).map((form) => envelope.toString(form).slice(0, 12)),
      [...envelope.subarray(0, 8)].join(','),
    ]);
  };

  test('LEAK-03 is in one answer, and neither it, its envelope nor a part of them in any other', async () => {
    const owner = randomUUID();
    const own = `whsec_${randomBytes(32).toString('base64')}`;
    const created = await world.as(owner).post('/v1/webhooks').send({ url, description: 'x' });
    const { id, secret } = created.body as { id: string; secret: string };
    const path = `/v1/webhooks/${id}`;
    const me = world.as(owner);
    const before = await envelopeForms(id);
    const answers = [
      await me.put(path).send({ url, secret: own, gracePeriodSeconds: 60 }),
      await me.put(path).send({ url, secret: `${own}x` }),
      await me.put(path).type('json').send(`{"url":"${url}","secret":"${own}`),
      await me.put(path).type('text').send(own),
      await me.put(path).send({ url, [own]: own }),
      await me.put(path).send({ url: `https://${own}/`, secret: own }),
      await me.get(path),
      await me.get('/v1/webhooks'),
      await me.get(`${path}/deliveries`),
      await me.get(`${path}?fields=secret,secretEnc,secret_enc`),
      await me.get(`/v1/deliveries/${await world.deliver(owner, id)}`),
      await me.get(`/v1/webhooks/${own}`),
      await me.delete(path),
      await me.get(path),
    ];
    const all = answers.map(({ text, headers }) => `${text}\n${JSON.stringify(headers)}`).join('\n');
    const hidden = [...forms(secret), ...forms(own), ...before, ...(await envelopeForms(id)), 'WHS1', 'secret_enc'];
    expect(hidden.filter((form) => all.includes(form))).toEqual([]);
    // The scanner works: it finds the secret in the responses that may hold it.
    expect(forms(secret).filter((form) => created.text.includes(form)).length).toBeGreaterThan(2);
    const observed = JSON.stringify(api.observed);
    expect(hidden.filter((form) => observed.includes(form))).toEqual([]);
  });
});
