import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { randomBytes, randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { loadEndpointKeys } from '../../../keys/load-endpoint-keys.js';
import { signAndPost } from '../../../activities/sign-and-post.js';
import { type AttemptContext, loadAttempts } from '../../../db/delivery-path/load-attempts.js';
import { recordDeliveries } from '../../../db/delivery-path/record-deliveries.js';
import type { PostRequest } from '../../../outbound/post.js';
import { createApiWorld, CUSTOMER_URL as url } from '../../support/api-world.js';
import { startTestApi, type TestApi } from '../../support/api.js';

let api: TestApi;
let world: ReturnType<typeof createApiWorld>;
beforeAll(async () => {
  api = await startTestApi();
  world = createApiWorld(api);
});
afterAll(() => api.close());

let account: string;
let id: string;
let old: string;
beforeEach(async () => {
  account = randomUUID();
  ({ id, secret: old } = await world.register(account));
});

const newSecret = () => `whsec_${randomBytes(32).toString('base64')}`;
const rotate = async (secret: string, more: object = {}) =>
  (
    await world
      .as(account)
      .put(`/v1/webhooks/${id}`)
      .send({ url, secret, ...more })
  ).body as Record<string, unknown>;
const change = (assignment: string) =>
  api.database.admin.query(`UPDATE hook.webhook_configs SET ${assignment} WHERE id = $1`, [id]);
const previousIn = async () => {
  const columns = 'secret_prev_enc AS envelope, secret_prev_expires_at AS until';
  const { rows } = await api.database.admin.query(`SELECT ${columns} FROM hook.webhook_configs WHERE id = $1`, [id]);
  return rows[0] as { envelope: Buffer | null; until: Date | null };
};

/** The contexts of an attempt from both sources: the insert of the bridge, and a later load. */
async function attemptContexts(): Promise<AttemptContext[]> {
  const events = [
    { eventId: `evt_${randomUUID()}`, eventType: 'a.b', timestamp: '2026-11-23T10:00:00Z', position: null },
  ];
  const message = { accountId: account, workflowId: 'wh-1', receivedAtMs: Date.now(), raw: '{"data":{"n":1}}', events };
  const [recorded] = await recordDeliveries(api.database.db, [message]);
  if (recorded?.kind !== 'ready') throw new Error('nothing was recorded');
  const { delivery } = recorded;
  const fresh = { ...delivery, endpoint: { ...delivery, status: 'enabled' as const }, finished: undefined };
  const loaded = await loadAttempts(api.database.db, account, [{ deliveryId: recorded.deliveryId, attempt: 1 }]);
  return [fresh, ...loaded];
}

async function signed(context: AttemptContext): Promise<{ body: string; headers: Record<string, string> }> {
  const { endpoint } = context;
  if (endpoint === undefined) throw new Error('no endpoint');
  const sent: PostRequest[] = [];
  const post = (request: PostRequest) => {
    sent.push(request);
    return Promise.resolve({ kind: 'error', code: 'network', durationMs: 0 } as const);
  };
  const { accountId, webhookId } = context;
  const signer = await loadEndpointKeys(api.secretBox, { ...endpoint, accountId, webhookId });
  const deps = { secrets: api.secretBox, post, now: Date.now };
  await signAndPost(deps, { context, endpoint, signer, attempt: 1 });
  return { body: sent[0]!.body.toString(), headers: { ...sent[0]!.headers } };
}
const verifies = (secret: string, { body, headers }: { body: string; headers: Record<string, string> }) => {
  try {
    new Webhook(secret).verify(body, headers);
    return true;
  } catch {
    return false;
  }
};
/** The number of signatures of the attempt from each source, and the secrets that verify it. */
const observed = async (...secrets: string[]) => {
  const requests = await Promise.all((await attemptContexts()).map(signed));
  return requests.map((request) => [
    request.headers['webhook-signature']?.split(' ').length,
    ...secrets.map((secret) => verifies(secret, request)),
  ]);
};

describe('rotation', () => {
  test('SIG-04 without a window only the new secret signs, from the next attempt on', async () => {
    const next = newSecret();
    expect(await rotate(next)).toMatchObject({ secretVersion: 2, previousSecretExpiresAt: null });
    expect(await observed(old, next)).toEqual([
      [1, false, true],
      [1, false, true],
    ]);
    expect(await previousIn()).toEqual({ envelope: null, until: null });
  });

  test('SIG-04 inside the window both sign, the new one first', async () => {
    const next = newSecret();
    const { previousSecretExpiresAt } = await rotate(next, { gracePeriodSeconds: 3_600 });
    const ahead = Date.parse(String(previousSecretExpiresAt)) - Date.now();
    expect([ahead > 3_590_000, ahead < 3_610_000]).toEqual([true, true]);
    expect(await observed(old, next)).toEqual([
      [2, true, true],
      [2, true, true],
    ]);
    const [request] = await Promise.all((await attemptContexts()).map(signed));
    const first = request!.headers['webhook-signature']!.split(' ')[0]!;
    const alone = { body: request!.body, headers: { ...request!.headers, 'webhook-signature': first } };
    expect([verifies(next, alone), verifies(old, alone)]).toEqual([true, false]);
  });

  test('SIG-04 when the window is over the old secret signs no more', async () => {
    const next = newSecret();
    await rotate(next, { gracePeriodSeconds: 60 });
    await change(`secret_prev_expires_at = now() - interval '1 ms'`);
    expect(await observed(old, next)).toEqual([
      [1, false, true],
      [1, false, true],
    ]);
    const { body } = await world.as(account).get(`/v1/webhooks/${id}`);
    expect(body.previousSecretExpiresAt).toBeNull();
  });

  test('SIG-04 an emergency rotation ends a window at once, and a second one forgets the oldest secret', async () => {
    const [second, third, fourth] = [newSecret(), newSecret(), newSecret()];
    await rotate(second, { gracePeriodSeconds: 3_600 });
    await rotate(third, { gracePeriodSeconds: 3_600 });
    expect((await observed(old, second, third))[0]).toEqual([2, false, true, true]);
    await rotate(fourth, { gracePeriodSeconds: 0 });
    expect((await observed(third, fourth))[0]).toEqual([1, false, true]);
    expect((await previousIn()).envelope).toBeNull();
  });

  test('SIG-04 replacing anything else leaves the window as it is', async () => {
    await rotate(newSecret(), { gracePeriodSeconds: 3_600 });
    const before = await previousIn();
    await world.as(account).put(`/v1/webhooks/${id}`).send({ url, description: 'other' }).expect(200);
    expect(await previousIn()).toEqual(before);
  });

  test('SIG-04 a previous secret that cannot be opened does not stop the current one', async () => {
    const next = newSecret();
    await rotate(next, { gracePeriodSeconds: 3_600 });
    const last = 'length(secret_prev_enc) - 1';
    await change(`secret_prev_enc = set_byte(secret_prev_enc, ${last}, get_byte(secret_prev_enc, ${last}) # 1)`);
    expect((await observed(old, next))[1]).toEqual([1, false, true]);
  });

  test.each<[string, object]>([
    ['more than a week', { gracePeriodSeconds: 604_801 }],
    ['less than nothing', { gracePeriodSeconds: -1 }],
    ['half a second', { gracePeriodSeconds: 0.5 }],
    ['a text', { gracePeriodSeconds: '60' }],
    ['a window without a new secret', { gracePeriodSeconds: 60, secret: undefined }],
  ])('SIG-04 %s is refused', async (_name, more) => {
    const body = await rotate(newSecret(), more);
    expect(body).toMatchObject({ code: 'invalid_request', errors: [{ pointer: '/gracePeriodSeconds' }] });
    expect((await previousIn()).envelope).toBeNull();
  });
});
