import type { ServiceProcess } from '../local/own-processes.js';

/** Requests that the dispatchers have made once more on a new connection. NaN where they do not count them. */
export async function readOutboundRepeats({
  dispatchers,
}: {
  dispatchers: readonly ServiceProcess[];
}): Promise<number> {
  const pages = dispatchers.map(async ({ internalUrl }) => (await fetch(`${internalUrl}/metrics`)).text());
  const series = (await Promise.all(pages)).flatMap((page) => [...page.matchAll(SERIES)]);
  return series.length === 0 ? Number.NaN : series.reduce((sum, [, value]) => sum + Number(value), 0);
}

const SERIES = /^dispatcher_requests_total\{connection="repeated"\} (\S+)$/gm;
