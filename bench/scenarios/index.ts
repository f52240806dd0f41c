import type { Bench } from '../bench.js';
import type { Outcome } from '../outcome.js';
import { batches } from './batches.js';
import { burst } from './burst.js';
import { dispatchers } from './dispatchers.js';
import { distance } from './distance.js';
import { fanOut } from './fan-out.js';
import { hanging } from './hanging.js';
import { httpsBatches } from './https-batches.js';
import { httpsLatency } from './https-latency.js';
import { httpsSingles } from './https-singles.js';
import { latency } from './latency.js';
import { memory } from './memory.js';
import { names } from './names.js';
import { single } from './single.js';
import { stale } from './stale.js';
import { steady } from './steady.js';
import { stored } from './stored.js';
import { waiting } from './waiting.js';

/** In the order in which they run: what leaves much behind comes last. */
export const scenarios: Readonly<Record<string, (bench: Bench) => Promise<Outcome>>> = {
  single,
  latency,
  fanout: fanOut,
  batches,
  'https-batches': httpsBatches,
  'https-singles': httpsSingles,
  'https-latency': httpsLatency,
  distance,
  stale,
  names,
  hanging,
  burst,
  dispatchers,
  steady,
  memory,
  waiting,
  stored,
};

/** Scenarios that a quick run leaves out: they use the same parts as those it tries, and its four minutes are full. */
const NOT_QUICK = ['https-singles', 'distance', 'stale', 'names', 'memory'];

/** Those of a quick run. */
export const QUICK: readonly string[] = Object.keys(scenarios).filter((name) => !NOT_QUICK.includes(name));
