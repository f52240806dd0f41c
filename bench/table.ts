import type { Measurement } from './measurement.js';
import { faultsOf, figure, type Outcome, verdictOf } from './outcome.js';

const HEAD = ['', 'deliveries/s', 'p50 ms', 'p95 ms', 'p99 ms', 'CPU ms a delivery', 'memory MiB'];

/** The scenario's figures, then what follows from them, as Markdown. */
export function tableOf(outcome: Outcome): string {
  const { scenario, measurements, claims, notes } = outcome;
  const rows = [HEAD, ...measurements.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const [head = '', ...body] = rows.map(
    (row) => `| ${row.map((cell, column) => pad(cell, widths[column] ?? 0, column)).join(' | ')} |`,
  );
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [
    `### ${scenario}`,
    '',
    ...[head, rule, ...body, ''],
    ...claims.map((claim) => `- ${claim.what}: ${verdictOf(claim)}`),
    ...notes.map((note) => `- ${note}`),
    ...faultsOf(outcome).map((fault) => `- BROKEN: ${fault}`),
  ].join('\n');
}

const pad = (cell: string, width: number, column: number): string =>
  column === 0 ? cell.padEnd(width) : cell.padStart(width);

function cells({ title, perSecond, p50, p95, p99, cpuMs, memoryMiB }: Measurement): string[] {
  return [title, figure(perSecond), figure(p50), figure(p95), figure(p99), byProcess(cpuMs), byProcess(memoryMiB)];
}

const byProcess = (values: Readonly<Record<string, number>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name} ${figure(value)}`)
    .join(', ');
