import { randomUUID } from 'node:crypto';
import type { World } from './start-world.js';

export interface Account {
  readonly accountId: string;
  /** Of its endpoints at the receiver, by which arrivals are counted. */
  readonly group: string;
  readonly webhookIds: string[];
}

export interface AccountPlan {
  readonly group: string;
  /** How its endpoints answer. */
  readonly behavior?: 'ok' | 'work' | 'fail' | 'hang';
  readonly endpoints?: number;
  /** Scheme, host and port of each endpoint; absent: the receiver that always runs. */
  readonly at?: string | (() => string);
}

/** A new customer, registered through the API as a customer would. */
export async function openAccount({ api, receiver }: World, plan: AccountPlan): Promise<Account> {
  const { group, behavior = 'ok', endpoints = 1, at = receiver.url } = plan;
  const accountId = randomUUID();
  const webhookIds: string[] = [];
  for (let n = 0; n < endpoints; n += 1) {
    const url = `${typeof at === 'string' ? at : at()}/${behavior}/${group}/${accountId.slice(0, 8)}-${n}`;
    const answer = await fetch(`${api.url}/v1/webhooks`, {
      method: 'POST',
      headers: { 'x-account-id': accountId, 'content-type': 'application/json' },
      body: JSON.stringify({ url, eventTypes: null }),
    });
    if (answer.status !== 201) throw new Error(`registering answered ${answer.status}: ${await answer.text()}`);
    webhookIds.push(((await answer.json()) as { id: string }).id);
  }
  return { accountId, group, webhookIds };
}

const AT_ONCE = 8;

/** So many customers alike. */
export async function openAccounts(world: World, count: number, plan: AccountPlan): Promise<Account[]> {
  const accounts: Account[] = [];
  const open = async (): Promise<void> => {
    while (accounts.length < count) {
      const place = accounts.push({ accountId: '', group: plan.group, webhookIds: [] }) - 1;
      accounts[place] = await openAccount(world, plan);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, open));
  return accounts;
}
