import type { ServiceProcess } from '../local/own-processes.js';

/** What a process tells of itself now. Answers the value of a series such as `name` or `name{label="value"}`, 0 for none. */
export async function readMetrics({
  internalUrl,
}: Pick<ServiceProcess, 'internalUrl'>): Promise<(series: string) => number> {
  const lines = (await (await fetch(`${internalUrl}/metrics`)).text()).split('\n');
  return (series) => Number(lines.find((line) => line.startsWith(`${series} `))?.slice(series.length + 1) ?? 0);
}
