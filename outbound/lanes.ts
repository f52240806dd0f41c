import { createAlarm } from './alarm.js';
import { createTurns, type Waiter } from './turns.js';

export type Release = () => void;

export type LaneRequest = {
  /** Slots are handed out in turn over the keys that wait: the webhook id. */
  key: string;
  /** Endpoints without a recent success share only part of the lane. */
  proven: boolean;
  /** Milliseconds since 1970 after which the slot is of no use any more. */
  deadline: number;
  signal?: AbortSignal;
};

export type Lane = {
  /**
   * Resolves with a slot, or `'expired'` once the deadline has passed or the signal aborted. The slot must be released;
   * releasing twice is harmless.
   */
  acquire: (request: LaneRequest) => Promise<Release | 'expired'>;
  inUse: () => number;
  waiting: () => number;
};

export type LaneOptions = {
  /** Slots. */
  capacity: number;
  /** Part of the slots that unproven endpoints may hold together, rounded up. */
  unprovenShare?: number;
  /** Milliseconds since 1970. */
  now?: () => number;
};

type LaneWaiter = Waiter & { settle: (outcome: Release | 'expired') => void };

/**
 * A concurrency gate that neither one busy endpoint nor many hanging ones can take for themselves.
 *
 * @throws TypeError when the capacity is not a positive whole number or the share not within 0…1.
 */
export function createLane(options: LaneOptions): Lane {
  const { now = Date.now } = options;
  const turns = createTurns<LaneWaiter>();
  const slots = createSlots(options, handOut);
  const alarm = createAlarm(now, () => {
    turns.expired(now()).forEach(({ settle }) => settle('expired'));
    alarm.noLaterThan(turns.earliestDeadline());
  });

  function handOut(): void {
    for (let next = turns.next(slots.fits); next !== undefined; next = turns.next(slots.fits)) {
      next.settle(slots.take(next));
    }
    if (turns.size() === 0) alarm.off();
  }

  function acquire({ signal, ...request }: LaneRequest): Promise<Release | 'expired'> {
    if (signal?.aborted || request.deadline <= now()) return Promise.resolve('expired');
    return new Promise((resolve) => {
      const settle: LaneWaiter['settle'] = (outcome) => {
        signal?.removeEventListener('abort', giveUp);
        resolve(outcome);
      };
      const waiter = { ...request, settle };
      const giveUp = () => {
        turns.remove(waiter);
        settle('expired');
        handOut();
      };
      signal?.addEventListener('abort', giveUp);
      turns.add(waiter);
      alarm.noLaterThan(request.deadline);
      handOut();
    });
  }

  return { acquire, inUse: slots.inUse, waiting: () => turns.size() };
}

function createSlots({ capacity, unprovenShare = 0.5 }: LaneOptions, onFree: () => void) {
  if (!Number.isInteger(capacity) || capacity < 1) throw new TypeError('a lane needs a whole number of slots');
  if (!(unprovenShare >= 0 && unprovenShare <= 1)) throw new TypeError('a share lies between 0 and 1');
  const unprovenCapacity = Math.ceil(capacity * unprovenShare);
  const used = { proven: 0, unproven: 0 };
  const inUse = () => used.proven + used.unproven;

  function take({ proven }: Waiter): Release {
    const kind = proven ? 'proven' : 'unproven';
    let held = true;
    used[kind] += 1;
    return () => {
      if (!held) return;
      held = false;
      used[kind] -= 1;
      onFree();
    };
  }

  const fits = ({ proven }: Waiter) => inUse() < capacity && (proven || used.unproven < unprovenCapacity);
  return { inUse, take, fits };
}
