import { expect, test } from '@jest/globals';
import { attemptDeliveries } from '../../../activities/attempt-deliveries.js';
import { paceAttempts } from '../../../activities/pace-attempts.js';
import type { AttemptContext } from '../../../db/delivery-path/load-attempts.js';
import { batch, createWorld, endpoint, settings, context, NOW, request } from './attempt-fake.js';

const limited = (deliveryId: string, more: Partial<AttemptContext> = {}) =>
  context({ deliveryId, endpoint: endpoint({ rateLimit: 4 }), ...more });
const requests = ['d1', 'd2', 'd3'].map((deliveryId) => request({ deliveryId }));
const three = batch({ deliveries: requests });
const pace = (world: ReturnType<typeof createWorld>, deliveries = requests, contextOf = limited) =>
  paceAttempts(
    world.deps,
    { ...three, deliveries },
    new Map(deliveries.map(({ deliveryId }) => [deliveryId, contextOf(deliveryId)])),
  );

test('the attempts of an endpoint with a rate limit get times at that rate, reserved at once', async () => {
  const world = createWorld({ reserve: () => ({ waitMs: 500, rateLimit: 4 }) });
  expect([...(await pace(world)).values()]).toEqual([500, 750, 1_000].map((wait) => NOW + wait));
  expect(world.reserved).toEqual([3]);
});

test('endpoints without a rate limit, or that lost it meanwhile, are not slowed down', async () => {
  const world = createWorld();
  expect((await pace(world, requests, (deliveryId) => context({ deliveryId }))).size).toBe(0);
  expect(world.reserved).toEqual([]);
  expect((await pace(world)).size).toBe(0);
});

test('a reserved time is kept; one that is long past is reserved anew', async () => {
  const world = createWorld({ reserve: () => ({ waitMs: 0, rateLimit: 4 }) });
  const [kept, late] = [
    request({ deliveryId: 'd1', sendAtMs: NOW + 60_000 }),
    request({ deliveryId: 'd2', sendAtMs: NOW - 2_000 }),
  ];
  expect(await pace(world, [kept, late])).toEqual(
    new Map([
      ['d1', NOW + 60_000],
      ['d2', NOW],
    ]),
  );
  expect(world.reserved).toEqual([1]);
});

test('deliveries that will not be attempted reserve nothing', async () => {
  const finished = {
    status: 'succeeded',
    outcome: null,
    responseStatus: 200,
    errorCode: null,
    nextDelayMs: null,
  } as const;
  const world = createWorld({
    load: () => [
      limited('d1', { finished }),
      limited('d2', { endpoint: endpoint({ rateLimit: 4, slow: true }) }),
      limited('d3'),
      limited('d4', { endpoint: endpoint({ rateLimit: 4, status: 'disabled' }) }),
    ],
    reserve: () => ({ waitMs: 0, rateLimit: 4 }),
  });
  await attemptDeliveries(
    world.deps,
    settings(world),
    batch({ deliveries: [...requests, request({ deliveryId: 'd4' })] }),
  );
  expect(world.reserved).toEqual([1]);
});
