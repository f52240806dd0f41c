import { expect, test } from '@jest/globals';
import { drawChart } from '../../../bench/chart.js';
import type { Measurement } from '../../../bench/measurement.js';
import type { BenchReport } from '../../../bench/report.js';

const measured = (title: string, perSecond: number, cpuMs: Record<string, number>): Measurement => ({
  title,
  perSecond,
  cpuMs,
  deliveries: 10,
  p50: 1,
  p95: 2,
  p99: 3,
  memoryMiB: {},
  faults: [],
});
const outcome = (scenario: string, measurements: Measurement[]) => ({
  scenario,
  measurements,
  claims: [],
  faults: [],
  notes: [],
});
const report = (outcomes: BenchReport['outcomes']): BenchReport => ({
  at: '2026-11-27T10:00:00.000Z',
  quick: false,
  temporal: 'production',
  leanVisibility: false,
  machine: { cores: 2, model: 'some', node: 'v20.20.2' },
  outcomes,
});
const chart = drawChart(
  report([
    outcome('single', [
      measured('empty & <workflows>', 100, { dispatcher: 2, temporal: 1, postgres: 1, nats: 9 }),
      measured('ours', 50, { dispatcher: 4, 'dispatcher 2': 2, temporal: 1, postgres: 1 }),
    ]),
    outcome('latency', [measured('a rate that was chosen', 1_000, { dispatcher: 50 })]),
  ]),
);
const widths = (fill: string) => [...chart.matchAll(new RegExp(`width="([0-9.]+)" height="12" fill="${fill}"`, 'g'))];

test('bars are as long as their share of the longest', () => {
  expect(widths('#2d8a5b').map(([, width]) => Number(width))).toEqual([210, 105]);
  // The first is the legend's. Most CPU is 8 ms, without NATS: 2 of it are a quarter of 230, 6 of two dispatchers three.
  expect(widths('#1f5fa8').map(([, width]) => Number(width))).toEqual([10, 57.5, 172.5]);
});

test('figures stand beside their bars, and the machine at the top', () => {
  expect(chart).toContain('>100</text>');
  expect(chart).toContain('>8.00</text>');
  expect(chart).toContain('2026-11-27, 2 cores for all servers, Node v20.20.2');
});

test('titles are text, never markup', () => {
  expect(chart).toContain('empty &amp; &lt;workflows&gt;');
});

test('a scenario that chooses its rate is not shown', () => {
  expect(chart).not.toContain('a rate that was chosen');
  expect(() => drawChart(report([outcome('latency', [])]))).toThrow('no scenario that the chart shows');
});

test('what could not be measured has no bar', () => {
  const broken = drawChart(report([outcome('single', [measured('nothing arrived', Number.NaN, { dispatcher: NaN })])]));
  expect(broken).not.toContain('NaN');
  expect(broken).toContain('>–</text>');
});
