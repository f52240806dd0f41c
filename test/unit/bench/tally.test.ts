import { expect, test } from '@jest/globals';
import { createTally } from '../../../bench/tally.js';

const arrival = (key: string, more: object = {}) => ({
  group: 'g',
  key,
  first: true,
  body: Buffer.from('{"id": "e", "data": {"at": 1000.5}}'),
  ...more,
});

test('a repeated request is one delivery, and its latency counts once', () => {
  const tally = createTally();
  tally.arrived(arrival('/a evt_1'))();
  tally.arrived(arrival('/a evt_1'))();
  tally.arrived(arrival('/b evt_1'))();
  const { requests, deliveries, latencies } = tally.report('g', true);
  expect({ requests, deliveries, latencies: latencies.length }).toEqual({ requests: 3, deliveries: 2, latencies: 2 });
  expect(latencies[0]).toBeGreaterThan(1_000_000_000_000);
});

test('a delivery that first arrives by a retry has no latency', () => {
  const tally = createTally();
  tally.arrived(arrival('/a evt_1', { first: false }));
  expect(tally.report('g', true)).toMatchObject({ deliveries: 1, arrivals: [], latencies: [] });
});

test('counts how many requests there were at once, over all groups, from where it was told to start', () => {
  const tally = createTally();
  const first = tally.arrived(arrival('/a 1'));
  const second = tally.arrived(arrival('/a 2', { group: 'other' }));
  first();
  first();
  const third = tally.arrived(arrival('/a 3'));
  expect(tally.report('g', false).mostAtOnce).toBe(2);
  third();
  second();
  tally.start();
  tally.arrived(arrival('/a 4'));
  expect(tally.report('g', false).mostAtOnce).toBe(1);
});
