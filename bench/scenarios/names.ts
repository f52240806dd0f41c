import { type Bench, newGroup } from '../bench.js';
import { measureLoad } from '../measure-load.js';
import type { Measurement } from '../measurement.js';
import { hostName } from '../network/bench-hosts.js';
import { openAccounts } from '../open-account.js';
import type { Outcome } from '../outcome.js';
import { publishSteadily, spread, toDispatch } from '../publish.js';
import type { World } from '../start-world.js';

const PER_SECOND = 20;
const ANSWER_MS = 20;

/**
 * The first delivery to each of many hosts by name, beside addresses in their place. With IPv6 on, so that both kinds of
 * address are asked for: a name server far away must be waited for once, not once for each kind.
 */
export async function names({ world, sizes }: Bench): Promise<Outcome> {
  const hosts = sizes('names.hosts');
  await world.restart(1, { OUTBOUND_IPV6: 'true' });
  await measure(world, { title: 'warm-up', hosts: Math.min(50, hosts), hostOf: () => '127.0.0.1' });
  const literals = await measure(world, { title: `${hosts} addresses`, hosts, hostOf: () => '127.0.0.1' });
  const near = await measure(world, { title: `${hosts} names`, hosts, hostOf: (n) => hostName(n) });
  const title = `${hosts} names, answered after ${ANSWER_MS} ms`;
  const far = await measure(world, { title, hosts, hostOf: (n) => hostName(n, ANSWER_MS) });
  await world.restart(1);
  const times = (far.p50 - near.p50) / ANSWER_MS;
  return {
    scenario: 'names',
    measurements: [literals, near, far],
    claims: [
      { what: 'p99 beside addresses', value: near.p99 / literals.p99, target: 2, good: 'below' },
      { what: 'answers of the name server that a delivery waits for, p50', value: times, target: 1.5, good: 'below' },
    ],
    faults: [],
    notes: [`one delivery to each host over http, ${PER_SECOND}/s; no host was delivered to before`],
  };
}

interface Hosts {
  readonly title: string;
  readonly hosts: number;
  readonly hostOf: (n: number) => string;
}

async function measure(world: World, { title, hosts, hostOf }: Hosts): Promise<Measurement> {
  const group = newGroup();
  let n = 0;
  const at = () => `http://${hostOf((n += 1))}:${world.receiver.port}`;
  const accounts = await openAccounts(world, hosts, { group, at });
  const publish = () => publishSteadily(toDispatch(world.nats), spread(accounts, hosts), PER_SECOND);
  return await measureLoad(world, { title, group, expected: hosts, publish });
}
