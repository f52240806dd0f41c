export type ReleasePermit = () => void;

/** Limits for endpoints without a recent success, so that they cannot take the whole lane. */
export interface UnprovenLimits {
  /** Called for each permit, so an endpoint's first success lifts its limits for the requests that wait. */
  readonly isProven: (key: string) => boolean;
  /** Permits that all unproven endpoints may hold together. Each of them holds at most one. */
  readonly maxUnprovenPermits: number;
  /** Messages that may wait for one unproven endpoint. */
  readonly maxWaitingMessagesEach: number;
}

export interface PermitOptions {
  /** Permits. */
  readonly capacity: number;
  /** Absent: all endpoints are treated alike. */
  readonly unproven?: UnprovenLimits;
}

export interface Permits {
  readonly hasPermitFor: (key: string) => boolean;
  /** Call it only if `hasPermitFor` is true. Calling the returned function twice is harmless. */
  readonly take: (key: string) => ReleasePermit;
  readonly inUse: () => number;
}

/**
 * The permits of a lane. `onRelease` is called after each release.
 * @throws TypeError if the capacity is not a positive whole number.
 */
export function createPermits({ capacity, unproven }: PermitOptions, onRelease: () => void): Permits {
  if (!Number.isInteger(capacity) || capacity < 1) throw new TypeError('a lane needs a whole number of permits');
  const maxUnprovenPermits = unproven?.maxUnprovenPermits ?? capacity;
  const isProven = (key: string) => unproven === undefined || unproven.isProven(key);
  const unprovenHolders = new Set<string>();
  let inUse = 0;

  const mayHoldUnproven = (key: string) => !unprovenHolders.has(key) && unprovenHolders.size < maxUnprovenPermits;

  function take(key: string): ReleasePermit {
    const heldUnproven = !isProven(key);
    if (heldUnproven) unprovenHolders.add(key);
    let isHeld = true;
    inUse += 1;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      inUse -= 1;
      if (heldUnproven) unprovenHolders.delete(key);
      onRelease();
    };
  }

  return {
    hasPermitFor: (key) => inUse < capacity && (isProven(key) || mayHoldUnproven(key)),
    take,
    inUse: () => inUse,
  };
}
