import { setTimeout as sleep } from 'node:timers/promises';
import type { Delivery } from '../contracts/rest/delivery.js';
import type { ReceivedRequest } from '../local/start-customer.js';
import { deliveryLine, isSuccess } from './delivery-line.js';
import type { Terminal } from './terminal.js';

export interface RequestPrinter {
  /** All requests that the customer has received so far. */
  readonly requests: readonly ReceivedRequest[];
  readonly delivered: () => number;
  readonly add: (request: ReceivedRequest) => void;
  /** Prints the lines that were held back, and from now on every request on arrival. */
  readonly show: () => void;
  /** Holds new lines back until `show`. */
  readonly hold: () => void;
  /** Resolves when all received requests are printed. */
  readonly shown: () => Promise<void>;
}

interface RequestPrinterDeps {
  readonly terminal: Terminal;
  readonly pathWidth: number;
  /** Lists the deliveries of the webhook at a path of the customer. */
  readonly listDeliveriesAtPath: (path: string) => Promise<Delivery[]>;
}

/** Prints one line per request in order of arrival. Lines can be held back so that they do not mix with other output. */
export function createRequestPrinter({
  terminal,
  pathWidth,
  listDeliveriesAtPath,
}: RequestPrinterDeps): RequestPrinter {
  const requests: ReceivedRequest[] = [];
  let queue = Promise.resolve();
  let show: () => void = () => undefined;
  const hold = () => {
    const shown = new Promise<void>((resolve) => (show = resolve));
    queue = queue.then(() => shown);
  };
  const print = async (request: ReceivedRequest) => {
    const delivery = isSuccess(request) ? undefined : await findFailedDelivery(request, listDeliveriesAtPath);
    terminal.say(deliveryLine(request, { terminal, delivery, pathWidth }));
  };
  return {
    requests,
    delivered: () => requests.filter(isSuccess).length,
    add: (request) => {
      requests.push(request);
      queue = queue.then(() => print(request));
    },
    show: () => show(),
    hold,
    shown: () => queue,
  };
}

/**
 * Polls for a short time only, because the service writes the row after the response and the result only completes a
 * line.
 */
async function findFailedDelivery(
  { webhookId, path, attempt }: ReceivedRequest,
  listDeliveriesAtPath: RequestPrinterDeps['listDeliveriesAtPath'],
): Promise<Delivery | undefined> {
  for (let wait = 1; wait <= 4; wait += 1) {
    await sleep(100 * wait);
    const all = await listDeliveriesAtPath(path).catch((): Delivery[] => []);
    const delivery = all.find(({ eventId }) => eventId === webhookId);
    if (delivery === undefined || delivery.attemptCount < (attempt ?? 0)) continue;
    if (delivery.attemptCount > (attempt ?? 0)) return undefined;
    if (delivery.nextAttemptAt !== null || delivery.status !== 'waiting') return delivery;
  }
  return undefined;
}
