import { newGroup } from './bench.js';
import { measureLoad } from './measure-load.js';
import { type Account, openAccounts } from './open-account.js';
import { publishBurst, spread, toDispatch } from './publish.js';
import type { Receiver } from './start-receiver.js';
import type { World } from './start-world.js';

export interface WarmAccountsPlan {
  readonly count: number;
  readonly receiver: Receiver;
  readonly behavior?: 'ok' | 'work';
  /** Scheme, host and port; absent: the receiver's own. */
  readonly at?: string;
}

export interface WarmAccounts {
  readonly accounts: readonly Account[];
  /** Of all their endpoints. */
  readonly group: string;
}

/**
 * New customers with one endpoint each, to which one event has been delivered: the dispatcher knows the endpoints, has their
 * keys and, where it keeps connections, one to each.
 */
export async function openWarmAccounts(world: World, plan: WarmAccountsPlan): Promise<WarmAccounts> {
  const { count, receiver, behavior = 'ok', at = receiver.url } = plan;
  const group = newGroup();
  const accounts = await openAccounts(world, count, { group, behavior, at });
  const publish = () => publishBurst(toDispatch(world.nats), spread(accounts, count));
  await measureLoad(world, { title: 'first deliveries', group, receiver, expected: count, publish });
  return { accounts, group };
}
