import { type Bench, newGroup } from '../bench.js';
import { measureLoad } from '../measure-load.js';
import { openAccount } from '../open-account.js';
import type { Outcome } from '../outcome.js';
import { publishSteadily, type Send, toDispatch, toForwarder } from '../publish.js';
import { startYardstick } from '../start-yardstick.js';
import { readSteps, stepMeans } from '../steps.js';

/** From publication to arrival where nothing queues, beside what NATS and node-fetch take without us. */
export async function latency({ world, sizes, capacity }: Bench): Promise<Outcome> {
  const perSecond = 0.3 * (await capacity());
  const count = Math.max(20, Math.round(perSecond * sizes('latency.seconds')));
  const { accountId, group } = await openAccount(world, { group: newGroup() });
  const messages = Array.from({ length: count }, () => ({ accountId, events: 1 }));
  const steadily = (send: Send) => () => publishSteadily(send, messages, perSecond);

  const rawGroup = newGroup();
  const to = `${world.receiver.url}/ok/${rawGroup}/raw`;
  const forwarder = await startYardstick(world, 'forwarder', ['--nats', world.natsUrl, '--to', to]);
  await forwarder.reached('ready');
  const raw = await measureLoad(world, {
    title: 'NATS to node-fetch without us',
    group: rawGroup,
    expected: count,
    publish: steadily(toForwarder(world.nats)),
  });
  await forwarder.child.stop();
  const title = `single events at 30 % of capacity`;
  const [dispatcher] = world.dispatchers;
  if (dispatcher === undefined) throw new Error('no dispatcher');
  const steps = await readSteps(dispatcher);
  const ours = await measureLoad(world, { title, group, expected: count, publish: steadily(toDispatch(world.nats)) });
  return {
    scenario: 'latency',
    measurements: [raw, ours],
    claims: [
      { what: 'p50 beside NATS and node-fetch alone', value: ours.p50 / raw.p50, target: 4, good: 'below' },
      { what: 'p99 beside NATS and node-fetch alone', value: ours.p99 / raw.p99, target: 5, good: 'below' },
      { what: 'p50 in milliseconds', value: ours.p50, target: 12, good: 'below' },
    ],
    faults: [],
    notes: [
      `${perSecond.toFixed(1)} events/s; the yardstick has no stream, no acknowledgement, no row and no signature`,
      stepMeans(steps, await readSteps(dispatcher)),
    ],
  };
}
