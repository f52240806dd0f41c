import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createScenario } from '../support/scenario.js';
import { type Stack, startStack } from '../support/stack.js';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
  await stack.processes.startDispatcher();
}, 120_000);
afterAll(() => stack.close());

test('an event is signed, posted once and recorded as delivered', async () => {
  const { register, event, publish, settled } = createScenario(stack);
  const webhook = await register('/hooks/ok/first');
  const sent = event();
  await publish(sent);
  const [row, ...others] = await settled(sent.id);
  expect(others).toEqual([]);
  expect(row).toMatchObject({ attempt: 1, status: 'succeeded', outcome: 'delivered', responseStatus: 204 });
  const requests = await stack.parts.customer.requests(webhook.path);
  expect(requests).toMatchObject([{ webhookId: sent.id, attempt: 1, signatureValid: true }]);
  const { id, type, timestamp, data } = sent;
  expect(JSON.parse(requests[0]?.body ?? '')).toEqual({ id, type, timestamp, data });
});
