import { expect, test } from '@jest/globals';
import type { AttemptLogLine } from '../../../../activities/attempt-log.js';
import { createDispatcherMetrics } from '../../../../bin/dispatcher/dispatcher-metrics.js';

const line = (connection: AttemptLogLine['connection']): AttemptLogLine => ({
  deliveryId: '019ac0de-0000-7000-8000-000000000001',
  webhookId: 'w',
  accountId: 'a',
  eventId: 'evt_1',
  eventType: 'a.b',
  attempt: 2,
  cycle: 0,
  trigger: 'retry',
  outcome: 'delivered',
  code: null,
  status: 200,
  durationMs: 5,
  connection,
  recorded: true,
});

test('requests are counted by their connection, and each kind has a series from the beginning', async () => {
  const metrics = createDispatcherMetrics();
  for (const connection of ['new', 'reused', 'reused', null] as const) metrics.observeAttempt(line(connection), 0);
  const page = await metrics.renderMetrics();
  const counted = [...page.matchAll(/^dispatcher_requests_total\{connection="(\w+)"\} (\d+)$/gm)];
  expect(counted.map(([, connection, count]) => [connection, count])).toEqual([
    ['new', '1'],
    ['reused', '2'],
    ['repeated', '0'],
  ]);
});
