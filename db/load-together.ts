import type { AttemptRequest } from '../contracts/delivery.js';
import type { AttemptMaterial } from './load-attempts.js';

type Request = Pick<AttemptRequest, 'deliveryId' | 'attempt'>;
type Load = (accountId: string, requests: readonly Request[]) => Promise<AttemptMaterial[]>;

interface Waiting {
  requests: readonly Request[];
  resolve: (materials: AttemptMaterial[]) => void;
  reject: (error: unknown) => void;
}

const MAX_REQUESTS = 200;

/**
 * Makes loads of one account together: who asks while one is under way waits for the next, which begins at once behind it and
 * is for all that wait. Nobody waits when nothing is under way, and everybody gets what was read after he asked. The
 * deliveries of a batch, which get their slots one by one, would otherwise each have a transaction of their own.
 */
export function loadTogether(load: Load): Load {
  const waiting = new Map<string, Waiting[]>();

  async function drain(accountId: string, queue: Waiting[]): Promise<void> {
    while (queue.length > 0) await answer(load, accountId, takeGroup(queue));
    waiting.delete(accountId);
  }

  return (accountId, requests) =>
    new Promise((resolve, reject) => {
      const queue = waiting.get(accountId);
      const asked = { requests, resolve, reject };
      if (queue !== undefined) {
        queue.push(asked);
        return;
      }
      const first = [asked];
      waiting.set(accountId, first);
      void drain(accountId, first);
    });
}

function takeGroup(queue: Waiting[]): Waiting[] {
  let size = 0;
  const end = queue.findIndex(({ requests }, n) => (size += requests.length) > MAX_REQUESTS && n > 0);
  return queue.splice(0, end === -1 ? queue.length : end);
}

async function answer(load: Load, accountId: string, group: readonly Waiting[]): Promise<void> {
  const keyOf = ({ deliveryId, attempt }: Request) => `${deliveryId} ${String(attempt)}`;
  const distinct = new Map(
    group.flatMap(({ requests }) => requests.map((request) => [keyOf(request), request] as const)),
  );
  try {
    const materials = await load(accountId, [...distinct.values()]);
    const byId = new Map(materials.map((material) => [material.deliveryId, material]));
    for (const { requests, resolve } of group)
      resolve(requests.flatMap(({ deliveryId }) => byId.get(deliveryId) ?? []));
  } catch (error) {
    for (const { reject } of group) reject(error);
  }
}
