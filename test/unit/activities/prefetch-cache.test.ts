import { describe, expect, test } from '@jest/globals';
import { createPrefetchCache } from '../../../activities/prefetch-cache.js';
import type { ReadyDelivery } from '../../../db/delivery-path/to-recorded-delivery.js';

const health = { revision: 2, shouldNoteSuccess: true, shouldNoteFailure: false };
const delivery = (deliveryId: string, body = '{}'): ReadyDelivery => {
  const ids = { deliveryId, accountId: 'a', webhookId: 'w', eventId: 'e', eventType: 't', workflowId: 'wf' };
  return {
    ...ids,
    body,
    url: 'https://a.example.com/',
    secretEnc: Buffer.from('s'),
    secretVersion: 3,
    slow: true,
    rateLimit: 5,
    ...health,
  };
};

function create(maxBytes?: number) {
  const clock = { nowMs: 0 };
  const cache = createPrefetchCache({ now: () => clock.nowMs, ...(maxBytes === undefined ? {} : { maxBytes }) });
  return { clock, ...cache };
}

describe('what the bridge has just recorded', () => {
  test('is what an attempt would have read', () => {
    const { storeDeliveries, takeContext } = create();
    storeDeliveries([delivery('d1')]);
    expect(takeContext('d1')).toEqual({
      deliveryId: 'd1',
      accountId: 'a',
      webhookId: 'w',
      eventId: 'e',
      eventType: 't',
      body: '{}',
      endpoint: {
        url: 'https://a.example.com/',
        secretEnc: Buffer.from('s'),
        previousSecretEnc: undefined,
        secretVersion: 3,
        status: 'enabled',
        slow: true,
        rateLimit: 5,
        ...health,
      },
      settled: undefined,
    });
  });

  test('is handed out once', () => {
    const { storeDeliveries: put, takeContext: take } = create();
    put([delivery('d1')]);
    expect(take('d1')).toBeDefined();
    expect(take('d1')).toBeUndefined();
  });

  test('is as good as absent after a second: its webhook may have been changed', () => {
    const { clock, storeDeliveries: put, takeContext: take } = create();
    put([delivery('d1'), delivery('d2')]);
    clock.nowMs = 999;
    expect(take('d1')).toBeDefined();
    clock.nowMs = 1_000;
    expect(take('d2')).toBeUndefined();
  });

  test('is replaced when it is recorded again', () => {
    const { clock, storeDeliveries: put, takeContext: take } = create();
    put([delivery('d1', 'old')]);
    clock.nowMs = 900;
    put([delivery('d1', 'new')]);
    clock.nowMs = 1_500;
    expect(take('d1')?.body).toBe('new');
  });
});

describe('the memory it takes', () => {
  test('is bound by the bytes of bodies; the oldest go first', () => {
    const { storeDeliveries: put, takeContext: take } = create(10);
    put([delivery('d1', '12345'), delivery('d2', '12345'), delivery('d3', '1')]);
    expect([take('d1'), take('d2')?.body, take('d3')?.body]).toEqual([undefined, '12345', '1']);
  });

  test('is free again once an entry was taken or replaced', () => {
    const { storeDeliveries: put, takeContext: take } = create(10);
    for (let n = 0; n < 5; n += 1) {
      put([delivery('d1', '12345')]);
      put([delivery('d2', '12345')]);
      expect(take('d1')).toBeDefined();
    }
    expect(take('d2')).toBeDefined();
  });

  test('is freed from an entry that was not taken, by the next one that is stored', () => {
    const { clock, storeDeliveries: put, takeContext: take } = create(10);
    put([delivery('d1', '1234567890')]);
    clock.nowMs = 1_000;
    put([delivery('d2', '1234567890')]);
    expect(take('d2')).toBeDefined();
  });

  test('does not hold a body that is larger than all of it', () => {
    const { storeDeliveries: put, takeContext: take } = create(10);
    put([delivery('d1', '12345678901')]);
    expect(take('d1')).toBeUndefined();
  });
});

test('an entry that was not stored is absent', () => {
  expect(create().takeContext('d1')).toBeUndefined();
});
