import { setTimeout as sleep } from 'node:timers/promises';
import type { Delivery } from '../contracts/rest/delivery.js';
import type { ReceivedRequest } from '../local/start-customer.js';
import { deliveryLine, isSuccess } from './delivery-line.js';
import type { Terminal } from './terminal.js';

export interface RequestPrinter {
  /** Everything the customer received so far. */
  readonly requests: readonly ReceivedRequest[];
  readonly delivered: () => number;
  readonly add: (request: ReceivedRequest) => void;
  /** Shows what was held back, and from now on every request as it comes. */
  readonly show: () => void;
  /** Holds lines back again. */
  readonly hold: () => void;
  /** Resolves when all that came is shown. */
  readonly shown: () => Promise<void>;
}

interface WatchOptions {
  readonly terminal: Terminal;
  readonly pathWidth: number;
  /** Of the webhook behind a path. */
  readonly deliveriesOf: (path: string) => Promise<Delivery[]>;
}

/** One line a request, in the order of their coming. Lines can be held back, so that they do not run into other text. */
export function createRequestPrinter({ terminal, pathWidth, deliveriesOf }: WatchOptions): RequestPrinter {
  const requests: ReceivedRequest[] = [];
  let queue = Promise.resolve();
  let show: () => void = () => undefined;
  const hold = () => {
    const shown = new Promise<void>((resolve) => (show = resolve));
    queue = queue.then(() => shown);
  };
  const print = async (request: ReceivedRequest) => {
    const delivery = isSuccess(request) ? undefined : await afterFailure(request, deliveriesOf);
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

/** The service writes down an attempt after the answer. A few short waits: it is only for the end of a line. */
async function afterFailure(
  { webhookId, path, attempt }: ReceivedRequest,
  deliveriesOf: WatchOptions['deliveriesOf'],
): Promise<Delivery | undefined> {
  for (let wait = 1; wait <= 4; wait += 1) {
    await sleep(100 * wait);
    const all = await deliveriesOf(path).catch((): Delivery[] => []);
    const delivery = all.find(({ eventId }) => eventId === webhookId);
    if (delivery === undefined || delivery.attemptCount < (attempt ?? 0)) continue;
    if (delivery.attemptCount > (attempt ?? 0)) return undefined;
    if (delivery.nextAttemptAt !== null || delivery.status !== 'waiting') return delivery;
  }
  return undefined;
}
