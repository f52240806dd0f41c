import type { ServiceProcess } from '../../local/own-processes.js';

/** A counter or gauge as the process's internal listener shows it: `dispatcher_messages_total{result="unmatched"}`. 0 when absent. */
export async function readMetric({ internalUrl }: ServiceProcess, series: string): Promise<number> {
  const text = await (await fetch(`${internalUrl}/metrics`)).text();
  const line = text.split('\n').find((each) => each.startsWith(`${series} `));
  return line === undefined ? 0 : Number(line.slice(series.length + 1));
}

/** Number of messages that the process received, by result. */
export const countMessages = (process: ServiceProcess, result: string): Promise<number> =>
  readMetric(process, `dispatcher_messages_total{result="${result}"}`);
