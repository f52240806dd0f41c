import type { Bench } from '../bench.js';
import type { Outcome } from '../outcome.js';
import { batches } from './batches.js';
import { burst } from './burst.js';
import { dispatchers } from './dispatchers.js';
import { fanOut } from './fan-out.js';
import { hanging } from './hanging.js';
import { latency } from './latency.js';
import { single } from './single.js';
import { steady } from './steady.js';
import { stored } from './stored.js';
import { waiting } from './waiting.js';

/** In the order in which they run: what leaves much behind comes last. */
export const scenarios: Readonly<Record<string, (bench: Bench) => Promise<Outcome>>> = {
  single,
  latency,
  fanout: fanOut,
  batches,
  hanging,
  burst,
  dispatchers,
  steady,
  waiting,
  stored,
};
