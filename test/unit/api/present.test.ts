import { expect, test } from '@jest/globals';
import { presentDeliveryDetail, presentWebhook } from '../../../api/present.js';
import { deliveryDetailSchema } from '../../../contracts/rest/delivery.js';
import { webhookSchema } from '../../../contracts/rest/webhook.js';

const id = '0193a5f0-0000-7000-8000-000000000001';
const now = new Date('2026-11-23T10:00:00.000Z');

test('a row with more columns than it should have shows none of them', () => {
  const row = {
    id,
    url: 'https://a.example.com/',
    description: null,
    eventTypes: null,
    metadata: { team: 'a' },
    rateLimit: 5,
    disabledNote: null,
    revision: 3,
    lastSuccessAt: now,
    failingSince: null,
    status: 'enabled' as const,
    disabledReason: null,
    disabledAt: null,
    secretVersion: 1,
    previousSecretExpiresAt: null,
    createdAt: now,
    updatedAt: now,
    secretEnc: Buffer.from('canary'),
    secret: 'canary',
    accountId: 'canary',
  };
  const shown = presentWebhook(row);
  expect(webhookSchema.parse(shown)).toEqual(shown);
  expect(JSON.stringify(shown)).not.toMatch(/canary|Y2FuYXJ5/);
});

const attempt = {
  deliveryId: id,
  attemptNumber: 1,
  webhookId: id,
  eventId: 'evt_1',
  eventType: 'a.b',
  cycle: 0,
  status: 'failed' as const,
  outcome: null,
  outcomeReason: null,
  responseStatus: 500,
  errorCode: 'http_error' as const,
  nextAttemptAt: now,
  createdAt: new Date('2026-11-23T10:00:00.000Z'),
  workflowId: 'wh-1',
  trigger: 'dispatch' as const,
  isLatest: false,
  responseBodyPreview: '<script>',
  durationMs: 3,
  startedAt: now,
  finishedAt: now,
  secretVersion: 1,
  requestedBy: null,
  requestReason: null,
  payloadSnapshot: { id: 'evt_1', type: 'message.delivered', timestamp: '2026-11-23T10:00:00Z', data: {} },
};

test('a delivery stands as its latest attempt does, with the payload of the first', () => {
  const second = { ...attempt, attemptNumber: 2, isLatest: true, payloadSnapshot: null, responseStatus: 200 };
  const shown = presentDeliveryDetail([attempt, { ...second, outcome: 'delivered', nextAttemptAt: null }]);
  expect(deliveryDetailSchema.parse(shown)).toEqual(shown);
  expect(shown).toMatchObject({ status: 'delivered', attemptCount: 2, payload: { id: 'evt_1' }, nextAttemptAt: null });
});

test('a delivery without an outcome is pending; no rows are no delivery', () => {
  expect(presentDeliveryDetail([{ ...attempt, isLatest: true }])).toMatchObject({ status: 'waiting' });
  expect(presentDeliveryDetail([])).toBeUndefined();
});
