/** What a yardstick's process tells the benchmark, one JSON line each. */
export interface YardstickState {
  readonly state: 'ready' | 'measuring' | 'done';
  /** When each piece of work was done, in milliseconds since 1970. */
  readonly arrivals?: number[];
}

export const sayState = (state: YardstickState): void => void process.stdout.write(`${JSON.stringify(state)}\n`);
