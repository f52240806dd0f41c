import type { Measurement } from './measurement.js';

/** A figure and what it should be. */
export interface Claim {
  readonly what: string;
  readonly value: number;
  readonly target: number;
  /** Which side of the target is good. */
  readonly good: 'above' | 'below';
}

/** What a scenario found out. */
export interface Outcome {
  readonly scenario: string;
  /** Ours and its yardsticks. */
  readonly measurements: Measurement[];
  readonly claims: Claim[];
  /** What else must not happen, and did. */
  readonly faults: string[];
  /** What the figures do not say. */
  readonly notes: string[];
}

const reached = ({ value, target, good }: Claim): boolean => (good === 'above' ? value >= target : value <= target);

/** `0.85, to reach ≥ 0.90: missed by 0.05`. */
export function verdictOf(claim: Claim): string {
  const { value, target, good } = claim;
  const sign = good === 'above' ? '≥' : '≤';
  const verdict = reached(claim) ? 'reached' : `missed by ${figure(Math.abs(value - target))}`;
  return `${figure(value)}, to reach ${sign} ${figure(target)}: ${verdict}`;
}

/** Three significant digits, and never fewer than what lies before the point. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toFixed(digits);
}

export const faultsOf = ({ measurements, faults }: Outcome): string[] => [
  ...measurements.flatMap(({ title, faults: own }) => own.map((fault) => `${title}: ${fault}`)),
  ...faults,
];
