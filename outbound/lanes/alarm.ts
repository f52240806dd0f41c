/** `setTimeout` accepts 31 bits. A longer delay would fire at once. */
const MAX_TIMER_MS = 0x7fffffff;

export interface Alarm {
  /** Fires at `timeMs` (milliseconds since 1970) or earlier: a later time does not replace an earlier one. */
  readonly setNoLaterThan: (timeMs: number) => void;
  readonly off: () => void;
}

/** One timer for many deadlines. `onAlarm` checks which deadlines have passed and sets the alarm again. */
export function createAlarm(now: () => number, onAlarm: () => void): Alarm {
  let timer: NodeJS.Timeout | undefined;
  let setForMs = Infinity;

  function off(): void {
    clearTimeout(timer);
    setForMs = Infinity;
  }

  return {
    off,
    setNoLaterThan(timeMs) {
      if (timeMs >= setForMs) return;
      off();
      setForMs = timeMs;
      const fire = () => {
        setForMs = Infinity;
        onAlarm();
      };
      timer = setTimeout(fire, Math.min(Math.max(timeMs - now(), 0), MAX_TIMER_MS));
    },
  };
}
