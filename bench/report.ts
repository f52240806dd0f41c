import { cpus } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../local/process/package-root.js';
import type { BenchOptions } from './bench-options.js';
import type { Outcome } from './outcome.js';

/** What a run has found, as it is kept. */
export interface BenchReport extends Pick<BenchOptions, 'quick' | 'temporal' | 'leanVisibility'> {
  /** ISO 8601. */
  readonly at: string;
  readonly machine: { cores: number; model: string | undefined; node: string };
  readonly outcomes: Outcome[];
}

/** Where a whole run keeps its findings unless it is told otherwise, and what `--chart` draws. */
export const FINDINGS_FILE = join(packageRoot(), 'docs', 'bench.json');

export const reportOf = ({ quick, temporal, leanVisibility }: BenchOptions, outcomes: Outcome[]): BenchReport => ({
  at: new Date().toISOString(),
  machine: { cores: cpus().length, model: cpus()[0]?.model, node: process.version },
  quick,
  temporal,
  leanVisibility,
  outcomes,
});

/**
 * The file that the findings go to, if any. A whole run is kept: all scenarios at their full sizes on the production server,
 * without a profiler.
 */
export function findingsFile(options: BenchOptions): string | undefined {
  const { json, quick, only, profile, temporal } = options;
  const isWhole = !quick && only.length === 0 && profile === undefined && temporal === 'production';
  return json ?? (isWhole ? FINDINGS_FILE : undefined);
}
