import { expect, test } from '@jest/globals';
import { recordAttempts } from '../../../activities/record-attempts.js';
import type { UnrecordedAttempts } from '../../../contracts/workflows/deliver-webhook.js';
import type { FinishedAttemptRow } from '../../../db/delivery-path/persist-attempts.js';
import type { AttemptOutcome } from '../../../domain/delivery/outcome.js';
import { batch, context, NOW, request } from './attempt-fake.js';

function unrecorded(...outcomes: AttemptOutcome[]): UnrecordedAttempts {
  const { deliveries: _, ...rest } = batch();
  const attempts = outcomes.map((outcome, n) => {
    const deliveryId = `d${String(n + 1)}`;
    const facts = { deliveryId, attempt: 1, startedAtMs: NOW, durationMs: 5, secretVersion: 2, revision: 4 };
    return { request: request({ deliveryId }), outcome, facts };
  });
  return { ...rest, attempts };
}

async function record(input: UnrecordedAttempts, known = ['d1', 'd2']) {
  const persisted: (readonly FinishedAttemptRow[])[] = [];
  await recordAttempts(
    {
      loadAttempts: (_, requests) =>
        Promise.resolve(
          requests.flatMap(({ deliveryId }) => (known.includes(deliveryId) ? [context({ deliveryId })] : [])),
        ),
      persistAttempts: (rows) => {
        persisted.push(rows);
        return Promise.resolve();
      },
    },
    input,
  );
  return persisted;
}

test('the rows are written from what the workflow remembers, without what the receiver said', async () => {
  const persisted = await record(unrecorded({ kind: 'delivered', status: 200 }, { kind: 'retry', code: 'timeout' }));
  expect(persisted).toEqual([
    [
      expect.objectContaining({
        deliveryId: 'd1',
        status: 'succeeded',
        responseStatus: 200,
        preview: null,
        secretVersion: 2,
      }),
      expect.objectContaining({ deliveryId: 'd2', status: 'failed', errorCode: 'timeout', startedAt: new Date(NOW) }),
    ],
  ]);
});

test('an endpoint that was gone is disabled after all', async () => {
  const gone: AttemptOutcome = { kind: 'giveUp', reason: 'endpoint_gone', code: 'gone', status: 410 };
  const [rows] = await record(unrecorded(gone));
  expect(rows?.map(({ endpoint }) => endpoint)).toEqual([{ revision: 4, gone: true, slow: null, succeeded: null }]);
});

test('a delivery that is no more needs no row', async () => {
  expect(await record(unrecorded({ kind: 'delivered', status: 200 }), [])).toEqual([]);
});
