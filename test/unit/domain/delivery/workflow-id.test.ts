import { describe, expect, test } from '@jest/globals';
import {
  batchWorkflowId,
  eventWorkflowId,
  replayWorkflowId,
  retryTaskQueue,
} from '../../../../domain/delivery/workflow-id.js';

const account = '11111111-2222-4333-8444-555555555555';
const delivery = '019ab000-0000-7000-8000-000000000001';

describe('a workflow id', () => {
  test('says whose it is and what it carries', () => {
    expect(eventWorkflowId(account, 'evt_1')).toBe(`wh-${account}-evt_1`);
    expect(batchWorkflowId(account, 'abc')).toBe(`wh-${account}-b-abc`);
    expect(replayWorkflowId(account, delivery, 2)).toBe(`wh-${account}-${delivery}-r2`);
    expect(retryTaskQueue('webhook-deliveries')).toBe('webhook-deliveries-retry');
  });

  test.each([
    ['of the longest event id', eventWorkflowId(account, 'e'.repeat(64))],
    ['of a batch', batchWorkflowId(account, 'f'.repeat(32))],
    ['of a replay', replayWorkflowId(account, delivery, 2 ** 31 - 1)],
  ])('%s fits into the 255 characters of SQL visibility', (_, id) => {
    expect(id.length).toBeLessThanOrEqual(255);
  });

  test('is another for each replay', () => {
    const ids = [1, 2, 3].map((cycle) => replayWorkflowId(account, delivery, cycle));
    expect(new Set([eventWorkflowId(account, delivery), ...ids]).size).toBe(4);
  });
});
