import { clock } from './clock.js';

export interface Arrival {
  readonly group: string;
  /** What arrives once only: path and event id. */
  readonly key: string;
  /** Whether it is a first attempt, whose latency counts. */
  readonly first: boolean;
  readonly body: Buffer;
}

export interface Report {
  readonly requests: number;
  /** Different events at different paths. */
  readonly deliveries: number;
  /** Requests at once, over all groups, since `start`. */
  readonly mostAtOnce: number;
  /** Of first attempts that arrived for the first time: when, and how long after their publication; milliseconds. */
  readonly arrivals: number[];
  readonly latencies: number[];
}

/** The sender has given up a request that is older, even if the receiver has not noticed. */
const GIVEN_UP_MS = 4_900;

interface Group {
  requests: number;
  readonly keys: Map<string, number>;
  readonly arrivals: number[];
  readonly latencies: number[];
}

/** Counts requests by group. `arrived` answers the function that says that the request is over. */
export function createTally() {
  const groups = new Map<string, Group>();
  const places = createPlaces();

  function groupOf(name: string): Group {
    const known = groups.get(name);
    if (known !== undefined) return known;
    const group: Group = { requests: 0, keys: new Map(), arrivals: [], latencies: [] };
    groups.set(name, group);
    return group;
  }

  function arrived({ group: name, key, first, body }: Arrival): () => void {
    const now = clock();
    const group = groupOf(name);
    group.requests += 1;
    const times = group.keys.get(key) ?? 0;
    group.keys.set(key, times + 1);
    if (first && times === 0) {
      group.arrivals.push(now);
      group.latencies.push(now - publishedAt(body));
    }
    return places.enter();
  }

  function report(name: string, withTimes: boolean): Report {
    const { requests, keys, arrivals, latencies } = groupOf(name);
    const times = withTimes ? { arrivals, latencies } : { arrivals: [], latencies: [] };
    return { requests, deliveries: keys.size, mostAtOnce: places.most(), ...times };
  }
  return { arrived, report, start: places.start };
}

function createPlaces() {
  let taken = 0;
  let most = 0;
  function enter(): () => void {
    taken += 1;
    most = Math.max(most, taken);
    let inside = true;
    const leave = () => {
      clearTimeout(timer);
      if (inside) taken -= 1;
      inside = false;
    };
    const timer = setTimeout(leave, GIVEN_UP_MS);
    return leave;
  }
  return { enter, most: () => most, start: () => void (most = taken) };
}

/** `data.at` of the event. */
function publishedAt(body: Buffer): number {
  const [, at] = /"at": ?([0-9.]+)/.exec(body.toString('latin1')) ?? [];
  return Number(at);
}
