import { describe, expect, test } from '@jest/globals';
import { AckPolicy, type ConsumerConfig, DeliverPolicy, nanos, ReplayPolicy } from 'nats';
import { consumerFaults } from '../../../../bridge/nats/check-consumer.js';

const good: ConsumerConfig = {
  ack_policy: AckPolicy.Explicit,
  deliver_policy: DeliverPolicy.All,
  replay_policy: ReplayPolicy.Instant,
  ack_wait: nanos(30_000),
  max_deliver: -1,
};
const faultsOf = (change: Partial<ConsumerConfig>) => consumerFaults({ config: { ...good, ...change } }, 15_000);

describe('a consumer', () => {
  test('as the setup makes it has no fault', () => {
    expect(faultsOf({})).toEqual([]);
    expect(faultsOf({ ack_wait: nanos(15_000) })).toEqual([]);
  });

  test.each<[string, Partial<ConsumerConfig>, RegExp]>([
    ['that acknowledges by itself', { ack_policy: AckPolicy.None }, /ack_policy is none/],
    ['that acknowledges all before', { ack_policy: AckPolicy.All }, /ack_policy is all/],
    ['that is pushed', Object.fromEntries([['deliver_subject', 'somewhere']]), /pull consumer/],
    ['that does not wait for a start', { ack_wait: nanos(14_999) }, /ack_wait is shorter .*15000 ms/],
    ['that gives up', { max_deliver: 5 }, /max_deliver is 5/],
  ])('%s is refused, with the way out', (_, change, fault) => {
    const faults = faultsOf(change);
    expect(faults).toEqual([expect.stringMatching(fault)]);
    expect(faults[0]).toContain('npm run setup');
  });

  test('tells all its faults at once', () => {
    expect(faultsOf({ ack_policy: AckPolicy.None, max_deliver: 1, ack_wait: 1 })).toHaveLength(3);
  });
});
