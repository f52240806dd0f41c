import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import { answer, startReceiver, type ReceivedRequest, type Receiver } from '../support/receiver.js';
import { createScenario } from '../support/scenario.js';
import { type Stack, startStack } from '../support/stack.js';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
  await stack.processes.startDispatcher();
}, 120_000);
afterAll(() => stack.close());

const receivers: Receiver[] = [];
afterEach(() => Promise.all(receivers.splice(0).map((receiver) => receiver.close())));
async function receiving(...args: Parameters<typeof startReceiver>): Promise<Receiver> {
  const receiver = await startReceiver(...args);
  receivers.push(receiver);
  return receiver;
}

const newSecret = () => `whsec_${randomBytes(32).toString('base64')}`;
/** Verifies a request with this secret and the official library. */
const accepts = (secret: string, { body, headers }: Pick<ReceivedRequest, 'body' | 'headers'>): boolean => {
  try {
    new Webhook(secret).verify(body.toString('utf8'), headers as Record<string, string>);
    return true;
  } catch {
    return false;
  }
};

describe('what a customer receives', () => {
  test('SIG-02 verifies with the official library, and with nothing of it changed', async () => {
    const receiver = await receiving();
    const { register, event, publish, settled } = createScenario(stack);
    const { secret } = await register(receiver.url);
    const sent = event({
      data: { name: 'Zoë ☎ 😀', big: 12345678901234567890n.toString(), deep: [{ a: null }, 1.5e-7] },
    });
    await publish(sent);
    await settled(sent.id);
    const [request] = await receiver.received(1);
    expect(accepts(secret, request!)).toBe(true);
    expect(request!.headers['webhook-id']).toBe(sent.id);
    expect(JSON.parse(request!.body.toString())).toMatchObject({ id: sent.id, data: sent.data });

    const longer = { ...request!, body: Buffer.concat([request!.body, Buffer.from(' ')]) };
    const changed = ['webhook-id', 'webhook-timestamp'].map((name) => {
      const value = String(request!.headers[name]);
      return {
        ...request!,
        headers: { ...request!.headers, [name]: value.slice(0, -1) + (value.endsWith('1') ? '2' : '1') },
      };
    });
    expect([longer, ...changed].map((other) => accepts(secret, other))).toEqual([false, false, false]);
    expect(accepts(newSecret(), request!)).toBe(false);
  });

  test('SIG-02 with a secret of the customer’s own, as a key and as plain characters', async () => {
    const receiver = await receiving();
    const { register, event, publish, settled } = createScenario(stack);
    const [key, plain] = [newSecret(), 'thirty printable characters…'.replace('…', '!!')];
    await register(`${receiver.url}key`, { secret: key });
    await register(`${receiver.url}plain`, { secret: plain });
    const sent = event();
    await publish(sent);
    await settled(sent.id);
    const requests = await receiver.received(2);
    const at = (path: string) => requests.find((request) => request.path === path)!;
    expect(accepts(key, at('/key'))).toBe(true);
    expect(accepts(Buffer.from(plain).toString('base64'), at('/plain'))).toBe(true);
    expect(accepts(key, at('/plain'))).toBe(false);
  });
});

describe('a secret that is replaced while an attempt is under way', () => {
  test('SIG-03 that attempt has the old signature, its retry the new one, a later time and the same id', async () => {
    const next = newSecret();
    const { register, replace, event, publish, settled } = createScenario(stack);
    const receiver = await receiving(async (_request, response) => {
      // The request is signed and sent. Now the customer rotates the secret, and the response is a failure.
      await replace(webhook, { secret: next });
      await sleep(1_100);
      receiver.behave(answer());
      response.writeHead(500).end();
    });
    const webhook = await register(receiver.url);
    const sent = event();
    await publish(sent);
    const rows = await settled(sent.id);
    const [first, second, ...more] = receiver.requests;
    expect(more).toEqual([]);
    expect([accepts(webhook.secret, first!), accepts(next, first!)]).toEqual([true, false]);
    expect([accepts(webhook.secret, second!), accepts(next, second!)]).toEqual([false, true]);
    expect(second!.headers['webhook-id']).toBe(first!.headers['webhook-id']);
    expect(Number(second!.headers['webhook-timestamp'])).toBeGreaterThan(Number(first!.headers['webhook-timestamp']));
    expect(second!.body).toEqual(first!.body);
    expect(rows.map(({ attempt, secretVersion }) => [attempt, secretVersion])).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });

  test('SIG-04 with a window its retry has both, the new one first, and a customer with either accepts it', async () => {
    const next = newSecret();
    const { register, replace, event, publish, settled } = createScenario(stack);
    const receiver = await receiving(async (_request, response) => {
      await replace(webhook, { secret: next, gracePeriodSeconds: 600 });
      receiver.behave(answer());
      response.writeHead(500).end();
    });
    const webhook = await register(receiver.url);
    const sent = event();
    await publish(sent);
    await settled(sent.id);
    const [first, second] = receiver.requests;
    expect([accepts(webhook.secret, first!), accepts(next, first!)]).toEqual([true, false]);
    expect([accepts(webhook.secret, second!), accepts(next, second!)]).toEqual([true, true]);
    const [newest] = String(second!.headers['webhook-signature']).split(' ');
    const alone = { ...second!, headers: { ...second!.headers, 'webhook-signature': newest } };
    expect([accepts(webhook.secret, alone), accepts(next, alone)]).toEqual([false, true]);
  });
});
