/** setTimeout takes 31 bits; beyond that it would ring at once. */
const MAX_TIMER_MS = 0x7fffffff;

export interface Alarm {
  /** Rings at `time` (milliseconds since 1970) or earlier: a later time does not replace an earlier one. */
  readonly setNoLaterThan: (time: number) => void;
  readonly off: () => void;
}

/** One timer for many deadlines. Whoever is rung looks what is due and sets the alarm again. */
export function createAlarm(now: () => number, ring: () => void): Alarm {
  let timer: NodeJS.Timeout | undefined;
  let setFor = Infinity;

  function off(): void {
    clearTimeout(timer);
    setFor = Infinity;
  }

  return {
    off,
    setNoLaterThan(time) {
      if (time >= setFor) return;
      off();
      setFor = time;
      const fire = () => {
        setFor = Infinity;
        ring();
      };
      timer = setTimeout(fire, Math.min(Math.max(time - now(), 0), MAX_TIMER_MS));
    },
  };
}
