import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { startCustomer, type Customer, type ReceivedRequest } from '../../../local/start-customer.js';

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const body = '{"id":"evt_1","data":{"n":"ä"}}';

describe('the sample customer', () => {
  let dir: string;
  let customer: Customer;
  const seen: ReceivedRequest[] = [];
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'local-customer-'));
    customer = await startCustomer({ dir, log: () => undefined, onRequest: (request) => seen.push(request) });
    await customer.setSecret('/hooks/ok', secret);
  });
  afterAll(async () => {
    await customer.stop();
    await rm(dir, { recursive: true });
  });
  const post = async (path: string, headers: Record<string, string> = {}) => {
    const answer = await fetch(customer.url + path, { method: 'POST', headers, body, redirect: 'manual' });
    await answer.arrayBuffer();
    return answer.status;
  };
  const signed = (id: string, with_: { secret?: string; at?: Date } = {}) => {
    const at = with_.at ?? new Date();
    return {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': `v1,AAAA ${new Webhook(with_.secret ?? secret).sign(id, at, body)}`,
    };
  };

  test('accepts requests signed with its secret, and returns the received requests', async () => {
    expect(await post('/hooks/ok', { ...signed('evt_1'), 'webhook-attempt': '2' })).toBe(204);
    const [received] = await customer.requests('/hooks/ok');
    expect(received).toMatchObject({ webhookId: 'evt_1', signatureValid: true, attempt: 2, body, answeredStatus: 204 });
    expect(seen).toContainEqual(received);
  });

  test('answers 401 to a wrong secret, a changed body, a stale timestamp and no signature', async () => {
    const other = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;
    const stale = new Date(Date.now() - 6 * 60_000);
    const changed = { ...signed('evt_2'), 'webhook-id': 'evt_3' };
    for (const headers of [signed('evt_2', { secret: other }), changed, signed('evt_2', { at: stale }), {}]) {
      expect(await post('/hooks/ok', headers)).toBe(401);
    }
    expect((await customer.requests('/hooks/ok')).slice(-4).every((each) => each.signatureValid === false)).toBe(true);
  });

  test('verifies with the new secret only after it was replaced', async () => {
    await customer.setSecret('/hooks/ok/rotated', `whsec_${Buffer.alloc(32, 9).toString('base64')}`);
    await customer.setSecret('/hooks/ok/rotated', secret);
    expect(await post('/hooks/ok/rotated', signed('evt_4'))).toBe(204);
  });

  test('behaves as the URL says', async () => {
    const id = { 'webhook-id': 'evt_5' };
    const flaky = () => post('/hooks/flaky?fail=2', id);
    expect([await flaky(), await flaky(), await flaky()]).toEqual([500, 500, 200]);
    expect(await post('/hooks/flaky?fail=2', { 'webhook-id': 'evt_6' })).toBe(500);
    expect(await post('/hooks/gone')).toBe(410);
    expect(await post('/hooks/status?code=429&retry-after=3')).toBe(429);
    expect(await post('/hooks/redirect')).toBe(302);
    expect(await post('/hooks/unknown')).toBe(404);
    await expect(post('/hooks/reset')).rejects.toThrow();
  });

  test('is broken until it is repaired', async () => {
    expect(await post('/hooks/broken')).toBe(500);
    await customer.repair('/hooks/broken');
    expect(await post('/hooks/broken')).toBe(200);
    expect(await post('/hooks/broken/other')).toBe(500);
    await customer.repair();
    expect(await post('/hooks/broken/other')).toBe(200);
  });

  test('leaves a caller waiting when it hangs or never ends its body', async () => {
    const impatient = (path: string) =>
      fetch(customer.url + path, { method: 'POST', body, signal: AbortSignal.timeout(300) }).then((a) => a.text());
    await expect(impatient('/hooks/hang')).rejects.toMatchObject({ name: 'TimeoutError' });
    await expect(impatient('/hooks/endless')).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});
