import { expect, test } from '@jest/globals';
import { deliveryLine } from '../../../demo/delivery-line.js';
import { createTerminal } from '../../../demo/terminal.js';
import type { Delivery } from '../../../contracts/rest/delivery.js';
import type { ReceivedRequest } from '../../../local/start-customer.js';

const terminal = createTerminal({ write: () => true }, {});
const request: ReceivedRequest = {
  index: 0,
  path: '/hooks/ok',
  webhookId: 'evt_1',
  webhookTimestamp: '1',
  attempt: 2,
  signatureValid: true,
  timesSeen: 2,
  body: '{}',
  receivedAt: '2026-11-23T10:00:00.250Z',
  answeredStatus: 500,
};
const line = (changed: Partial<ReceivedRequest>, delivery?: Partial<Delivery>) =>
  deliveryLine({ ...request, ...changed }, { terminal, delivery: delivery as Delivery | undefined, pathWidth: 12 });

test('a delivered attempt is one plain line', () => {
  expect(line({ answeredStatus: 204 })).toMatch(
    /^\d\d:\d\d:\d\d\.2 {2}evt_1 → \/hooks\/ok {5}attempt 2 {2}204 {2}signature ✓ {2}delivered$/,
  );
});

test.each([
  [
    'when the next attempt is',
    { status: 'waiting', nextAttemptAt: '2026-11-23T10:00:01.750Z' },
    'next attempt in 1.5 s',
  ],
  ['that it was dead-lettered', { status: 'dead_lettered', nextAttemptAt: null }, 'given up: dead letter'],
  ['how else it ended', { status: 'skipped_disabled', nextAttemptAt: null }, 'skipped disabled'],
  ['only that it is retried, while the time is unknown', undefined, 'will be tried again'],
] as const)('a failed attempt says %s', (_what, delivery, expected) => {
  expect(line({}, delivery)).toMatch(new RegExp(` 500 {2}signature ✓ {2}${expected}$`));
});

test('a refused signature and a missing response are marked', () => {
  expect(line({ signatureValid: false, answeredStatus: 401 })).toContain('401  signature ✗');
  expect(line({ signatureValid: null, answeredStatus: null })).toContain('---  signature ✗');
});
