import type { ReceivedRequest } from './received-request.js';

export interface CustomerMemory {
  readonly setSecret: (path: string, secret: string) => void;
  readonly secretOf: (path: string) => string | undefined;
  /** Applies to one path, or to all paths if undefined. */
  readonly setRepaired: (path: string | undefined, repaired: boolean) => void;
  readonly isRepaired: (path: string) => boolean;
  /** Counts the requests with this webhook id at the path, the current one included. */
  readonly countVisit: (path: string, webhookId: string) => number;
  readonly remember: (request: Omit<ReceivedRequest, 'index'>) => ReceivedRequest;
  readonly requests: (path?: string) => readonly ReceivedRequest[];
  /** Deletes requests and visits. Keeps secrets and repairs. */
  readonly forget: () => void;
}

// Enough for a load test, and small enough for the memory of a laptop.
const keptRequests = 20_000;

/** Creates the in-memory state of the sample customer. It is lost on a restart. */
export const createCustomerMemory = (): CustomerMemory => {
  const secrets = new Map<string, string>();
  const repairs = new Map<string | undefined, boolean>();
  const visits = new Map<string, number>();
  let received: ReceivedRequest[] = [];
  let index = 0;
  return {
    setSecret: (path, secret) => void secrets.set(path, secret),
    secretOf: (path) => secrets.get(path),
    setRepaired: (path, repaired) => {
      if (path === undefined) repairs.clear();
      repairs.set(path, repaired);
    },
    isRepaired: (path) => repairs.get(path) ?? repairs.get(undefined) ?? false,
    countVisit: (path, webhookId) => {
      const count = (visits.get(`${path} ${webhookId}`) ?? 0) + 1;
      visits.set(`${path} ${webhookId}`, count);
      return count;
    },
    remember: (request) => {
      const numbered = { index, ...request };
      index += 1;
      received.push(numbered);
      if (received.length > keptRequests) received.shift();
      return numbered;
    },
    requests: (path) => (path === undefined ? received : received.filter((request) => request.path === path)),
    forget: () => {
      received = [];
      visits.clear();
    },
  };
};
