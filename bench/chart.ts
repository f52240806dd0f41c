import type { Measurement } from './measurement.js';
import { figure } from './outcome.js';
import type { BenchReport } from './report.js';

/** Scenarios that go as fast as they can. Where a scenario chooses its rate, the rate says nothing. */
const CHARTED = [
  'single',
  'fanout',
  'batches',
  'https-batches',
  'https-singles',
  'distance',
  'dispatchers',
  'waiting',
  'stored',
];

/** Processes whose CPU is shown, from the left, and how. NATS would be too small to be seen. */
const PARTS = [
  { name: 'dispatcher', fill: '#1f5fa8', covers: (process: string) => process.startsWith('dispatcher') },
  { name: 'Temporal', fill: '#6aa5de', covers: (process: string) => process === 'temporal' },
  { name: 'PostgreSQL', fill: '#b8d3ee', covers: (process: string) => process === 'postgres' },
];
const RATE_FILL = '#2d8a5b';

const WIDTH = 960;
const LABELS = 350;
const RATE = { x: LABELS + 10, width: 210 };
const CPU = { x: LABELS + 310, width: 230 };
const ROW = 19;
const BAR = 12;
const HEAD = 74;

/** Rate and CPU of a delivery by scenario, ours and yardsticks, as SVG. @throws Error when the report holds none of them. */
export function drawChart(report: BenchReport): string {
  const groups = report.outcomes.filter(({ scenario }) => CHARTED.includes(scenario));
  const rows = groups.flatMap(({ measurements }) => measurements);
  if (rows.length === 0) throw new Error('the findings hold no scenario that the chart shows');
  const most = { rate: largest(rows, ({ perSecond }) => perSecond), cpu: largest(rows, cpuTotal) };
  const body: string[] = [];
  let y = HEAD;
  for (const { scenario, measurements } of groups) {
    body.push(text({ x: LABELS, y: y + BAR, anchor: 'end', bold: true }, scenario));
    y += ROW;
    for (const measurement of measurements) {
      body.push(row(measurement, y, most));
      y += ROW;
    }
    y += ROW / 2;
  }
  return svg(y, [...heading(report), ...body]);
}

const finite = (value: number): number => (Number.isFinite(value) ? value : 0);
const largest = (rows: readonly Measurement[], read: (row: Measurement) => number): number =>
  Math.max(1e-9, ...rows.map((each) => finite(read(each))));

const cpuOf = ({ cpuMs }: Measurement, { covers }: (typeof PARTS)[number]): number =>
  Object.entries(cpuMs).reduce((sum, [process, ms]) => sum + (covers(process) ? finite(ms) : 0), 0);
const cpuTotal = (measurement: Measurement): number => PARTS.reduce((sum, part) => sum + cpuOf(measurement, part), 0);

function row(measurement: Measurement, y: number, most: { rate: number; cpu: number }): string {
  const rateWidth = (finite(measurement.perSecond) / most.rate) * RATE.width;
  const total = cpuTotal(measurement);
  const parts: string[] = [];
  let x = CPU.x;
  for (const part of PARTS) {
    const width = (cpuOf(measurement, part) / most.cpu) * CPU.width;
    parts.push(bar({ x, y, width, fill: part.fill }));
    x += width;
  }
  return [
    text({ x: LABELS, y: y + BAR - 2, anchor: 'end' }, measurement.title),
    bar({ x: RATE.x, y, width: rateWidth, fill: RATE_FILL }),
    text({ x: RATE.x + rateWidth + 5, y: y + BAR - 2 }, figure(measurement.perSecond)),
    ...parts,
    text({ x: x + 5, y: y + BAR - 2 }, figure(total)),
  ].join('\n');
}

function heading({ at, machine }: BenchReport): string[] {
  const { cores, node } = machine;
  const legend = PARTS.flatMap(({ name, fill }, n) => [
    bar({ x: CPU.x + n * 95, y: 48, width: 10, fill }),
    text({ x: CPU.x + n * 95 + 15, y: 58 }, name),
  ]);
  return [
    text({ x: RATE.x, y: 22, bold: true }, 'deliveries/s'),
    text({ x: CPU.x, y: 22, bold: true }, 'CPU ms a delivery'),
    text({ x: LABELS, y: 22, anchor: 'end' }, `${at.slice(0, 10)}, ${cores} cores for all servers, Node ${node}`),
    text({ x: LABELS, y: 40, anchor: 'end' }, 'only the ratios within a scenario are claims'),
    ...legend,
  ];
}

interface Place {
  readonly x: number;
  readonly y: number;
  readonly anchor?: 'end';
  readonly bold?: boolean;
}

function text({ x, y, anchor, bold = false }: Place, content: string): string {
  const attributes = [`x="${round(x)}"`, `y="${round(y)}"`];
  if (anchor !== undefined) attributes.push(`text-anchor="${anchor}"`);
  if (bold) attributes.push('font-weight="bold"');
  return `<text ${attributes.join(' ')}>${escapeXml(content)}</text>`;
}

interface Bar extends Pick<Place, 'x' | 'y'> {
  readonly width: number;
  readonly fill: string;
}

const bar = ({ x, y, width, fill }: Bar): string =>
  `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${BAR}" fill="${fill}"/>`;

const round = (value: number): string => String(Math.round(value * 10) / 10);

const escapeXml = (content: string): string =>
  content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const svg = (height: number, body: readonly string[]): string =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}"`,
    '  font-family="system-ui, sans-serif" font-size="12" fill="#222">',
    '<title>Rate and CPU of a delivery by scenario</title>',
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    ...body,
    '</svg>',
    '',
  ].join('\n');
