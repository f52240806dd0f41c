import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { createScenario } from '../support/scenario.js';
import { type Stack, startStack } from '../support/stack.js';
import { testWorkflowId } from '../../domain/delivery/workflow-id.js';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
}, 120_000);
afterAll(() => stack.close(), 60_000);

test('a test that no dispatcher takes up is not made later', async () => {
  const { register, call, path } = createScenario(stack);
  const { id, path: at } = await register(path('ok'));
  const { status, body } = await call('POST', `/v1/webhooks/${id}/test`, {});
  expect([status, body['status']]).toEqual([202, 'waiting']);
  await stack.processes.startDispatcher();
  const shown = await eventually(async () => {
    const { body: now } = await call('GET', `/v1/deliveries/${String(body['id'])}`);
    return now['status'] !== 'waiting' && now;
  });
  expect(shown).toMatchObject({ status: 'canceled', outcomeReason: 'test_unfinished' });
  expect(await stack.parts.customer.requests(at)).toEqual([]);
});

test('a test is one signed request, answered with what came of it, and not in Temporal', async () => {
  const { accountId, register, call, path, letters, rows } = createScenario(stack);
  const [good, bad] = [await register(path('ok')), await register(path('gone'))];
  await call('POST', `/v1/webhooks/${good.id}/disable`, {});
  const data = { to: '+999000000001' };
  const passed = await call('POST', `/v1/webhooks/${good.id}/test`, { data });
  expect(passed).toMatchObject({ status: 200, body: { status: 'delivered', payload: { data } } });
  expect(passed.body['attempts']).toMatchObject([{ trigger: 'test', status: 'succeeded', responseStatus: 204 }]);
  const [request, ...others] = await stack.parts.customer.requests(good.path);
  expect(others).toEqual([]);
  expect(request).toMatchObject({ webhookId: (passed.body['payload'] as { id: string }).id, attempt: 1 });
  const failed = await call('POST', `/v1/webhooks/${bad.id}/test`, {});
  expect(failed).toMatchObject({
    status: 200,
    body: { status: 'canceled', outcomeReason: 'test_failed', lastResponseStatus: 410 },
  });
  expect((await call('GET', `/v1/webhooks/${bad.id}`)).body).toMatchObject({ status: 'enabled' });
  expect([await letters(), (await rows()).length]).toEqual([[], 2]);
  const workflow = stack.temporal.workflow.getHandle(testWorkflowId(accountId, String(passed.body['id'])));
  expect(JSON.stringify(await workflow.fetchHistory())).not.toContain(
    Buffer.from('+999000000001').toString('base64').slice(0, 12),
  );
});
