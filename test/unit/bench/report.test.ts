import { expect, test } from '@jest/globals';
import { benchOptions } from '../../../bench/bench-options.js';
import { faultsOf, type Outcome, verdictOf } from '../../../bench/outcome.js';
import { findingsFile } from '../../../bench/report.js';
import { QUICK, scenarios } from '../../../bench/scenarios/index.js';
import { sizesOf } from '../../../bench/sizes.js';
import { tableOf } from '../../../bench/table.js';

const measurement = {
  title: 'ours',
  deliveries: 10,
  perSecond: 123.4,
  p50: 1.234,
  p95: 20.46,
  p99: Number.NaN,
  cpuMs: { dispatcher: 1.5 },
  memoryMiB: { dispatcher: 210.2 },
  faults: ['1 deliveries lost'],
};
const claim = { what: 'rate', value: 0.85, target: 0.9, good: 'above' } as const;
const outcome: Outcome = {
  scenario: 'some',
  measurements: [measurement],
  claims: [claim],
  faults: ['more'],
  notes: [],
};

test('a verdict says what was to be reached, and by how much it was missed', () => {
  expect(verdictOf(claim)).toBe('0.85, to reach ≥ 0.90: missed by 0.05');
  expect(verdictOf({ ...claim, good: 'below' })).toBe('0.85, to reach ≤ 0.90: reached');
  expect(verdictOf({ ...claim, value: Number.NaN })).toContain('missed');
});

test('the table shows figures, verdicts and broken claims', () => {
  const table = tableOf(outcome);
  expect(table).toContain('| ours |          123 |   1.23 |   20.5 |      – |   dispatcher 1.50 | dispatcher 210 |');
  expect(table).toContain('- rate: 0.85, to reach ≥ 0.90: missed by 0.05');
  expect(table).toContain('- BROKEN: ours: 1 deliveries lost\n- BROKEN: more');
  expect(faultsOf(outcome)).toEqual(['ours: 1 deliveries lost', 'more']);
});

test('sizes depend on the kind of run, and the command line wins', () => {
  const { quick, sizes } = benchOptions(['--quick', '--set', 'steady.minutes=10']);
  expect(quick).toBe(true);
  expect(sizesOf(quick, sizes)('steady.minutes')).toBe(10);
  expect(sizesOf(true, {})('burst.events')).toBeLessThan(sizesOf(false, {})('burst.events'));
});

test('refuses what it does not understand', () => {
  expect(() => benchOptions(['--set', 'steady.minutes'])).toThrow(/--set takes a size/);
  expect(() => benchOptions(['--temporal', 'cloud'])).toThrow(/production or dev/);
  expect(() => sizesOf(true, { 'steady.hours': 1 })).toThrow(/not a size: steady.hours/);
});

test('a whole run keeps its findings, a part of one only where it is told to', () => {
  const fileOf = (...args: string[]) => findingsFile(benchOptions(args));
  expect(fileOf()).toMatch(/docs.bench\.json$/);
  expect(fileOf('--set', 'steady.minutes=10')).toBe(fileOf());
  for (const part of [['--quick'], ['--only', 'single'], ['--temporal', 'dev'], ['--profile', 'folder']]) {
    expect(fileOf(...part)).toBeUndefined();
    expect(fileOf(...part, '--json', 'mine.json')).toBe('mine.json');
  }
});

test('a quick run tries https, and only scenarios that exist', () => {
  expect(QUICK).toEqual(expect.arrayContaining(['https-batches', 'https-latency']));
  for (const name of QUICK) expect(scenarios).toHaveProperty([name]);
});
