import { describe, expect, test } from '@jest/globals';
import { compareWithPlan, type DemoObservations } from '../../../demo/compare-with-plan.js';
import { ENDPOINTS, createPlan } from '../../../demo/plan.js';
import { differences, summaryTable } from '../../../demo/summary.js';

const plan = createPlan([[{ type: 'message.failed' }], [{ type: 'message.read' }]], ENDPOINTS);
const delivery = (eventId: string, attemptCount: number, cycle = 0) => ({
  eventId,
  attemptCount,
  cycle,
  status: 'delivered',
});
const request = (webhookId: string, attempt: number, answeredStatus: number) => ({
  webhookId,
  attempt,
  answeredStatus,
  signatureValid: true,
});
const perfect = {
  confirmed: 2,
  eventIds: ['failed', 'read'],
  deliveries: [delivery('failed', 1), delivery('failed', 5, 1), delivery('read', 1), delivery('read', 3)],
  letters: [{ eventId: 'failed' }],
  failedWorkflows: 1,
  requests: [
    ...[1, 2, 3, 4].map((attempt) => request('failed', attempt, 500)),
    ...[request('failed', 5, 200), request('failed', 1, 204), request('read', 1, 204)],
    ...[request('read', 1, 500), request('read', 2, 500), request('read', 3, 200)],
  ],
};
const differencesOf = (changed: object) =>
  differences(compareWithPlan(plan, { ...perfect, ...changed } as unknown as DemoObservations));

describe('the summary of the demo', () => {
  test('finds nothing when every number is as published', () => {
    expect(differencesOf({})).toEqual([]);
  });

  test('names an event that reached no webhook', () => {
    expect(differencesOf({ deliveries: perfect.deliveries.slice(0, 2) })).toContain(
      'events that reached a webhook: expected 2, seen 1 (missing: read)',
    );
  });

  test.each([
    ['a publish without confirmation', { confirmed: 1 }, 'events published: expected 2, seen 1'],
    [
      'a second dead letter',
      { letters: [...perfect.letters, { eventId: 'failed' }] },
      'dead-lettered: expected 1, seen 2',
    ],
    ['a workflow that did not fail', { failedWorkflows: 0 }, 'workflows Failed: expected 1, seen 0'],
    [
      'a request too many',
      { requests: [...perfect.requests, request('read', 3, 200)] },
      'requests received: expected 10, seen 11',
    ],
    [
      'a replay under another webhook-id',
      { requests: perfect.requests.map((r) => (r.attempt === 5 ? { ...r, webhookId: 'other' } : r)) },
      'of these, with the same webhook-id: expected 1, seen 0',
    ],
    [
      'a signature that does not fit',
      { requests: perfect.requests.map((r, index) => ({ ...r, signatureValid: index > 0 })) },
      'signatures verified: expected 10, seen 9',
    ],
  ])('names %s', (_what, changed, difference) => {
    expect(differencesOf(changed)).toContain(difference);
  });

  test('is a table whose marks follow the numbers', () => {
    const counts = [
      { what: 'right', expected: 10, seen: 10, countedBy: 'A' },
      { what: 'wrong', expected: 2, seen: 1, countedBy: 'B' },
    ];
    expect(summaryTable(counts, (right) => (right ? 'ok' : 'no'))).toEqual([
      '       expected  seen     counted by',
      'right        10    10  ok  A',
      'wrong         2     1  no  B',
    ]);
  });
});
