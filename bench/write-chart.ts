import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../local/process/package-root.js';
import { drawChart } from './chart.js';
import type { BenchReport } from './report.js';

/**
 * Draws the findings that a run has kept in that file. Answers the path of the chart.
 *
 * @throws Error when there are no findings, or none that the chart shows.
 */
export async function writeChart(findings: string): Promise<string> {
  const text = await readFile(findings, 'utf8').catch((error: unknown) => {
    throw new Error(`no findings to draw; a whole run keeps them: npm run bench`, { cause: error });
  });
  const file = join(packageRoot(), 'docs', 'bench.svg');
  await writeFile(file, drawChart(JSON.parse(text) as BenchReport));
  return file;
}
