/**
 * How much is measured, by name: in a full run, and in a quick one, which only looks whether everything works. A full run is
 * to end within 35 minutes on two cores; at length: `--set waiting.deliveries=100000`, `--set stored.rows=5000000`,
 * `--set steady.minutes=10`, `--set burst.events=10000`.
 */
const SIZES = {
  'single.events': [1_500, 120],
  'single.rounds': [2, 1],
  'latency.seconds': [45, 8],
  'fanout.events': [400, 12],
  'batches.events': [20_000, 1_000],
  'hanging.endpoints': [500, 50],
  'hanging.seconds': [90, 8],
  'burst.events': [1_000, 100],
  'waiting.deliveries': [50_000, 2_000],
  'waiting.events': [1_000, 60],
  'stored.rows': [2_000_000, 20_000],
  'stored.events': [1_000, 60],
  'dispatchers.events': [1_500, 120],
  'steady.minutes': [3, 0.2],
  'https.deliveries': [10_000, 300],
  'https.events': [1_500, 100],
  'https.seconds': [60, 6],
  'distance.deliveries': [6_000, 200],
  'stale.events': [2_400, 120],
  'names.hosts': [1_000, 40],
  'memory.endpoints': [10_000, 100],
} as const satisfies Record<string, readonly [full: number, quick: number]>;

export type SizeName = keyof typeof SIZES;
export type Sizes = (name: SizeName) => number;

/** `changed`: values of the command line, which win. @throws Error that names the unknown sizes. */
export function sizesOf(quick: boolean, changed: Readonly<Record<string, number>>): Sizes {
  const unknown = Object.keys(changed).filter((name) => !(name in SIZES));
  if (unknown.length > 0) throw new Error(`not a size: ${unknown.join(', ')}; sizes: ${Object.keys(SIZES).join(', ')}`);
  return (name) => changed[name] ?? SIZES[name][quick ? 1 : 0];
}
