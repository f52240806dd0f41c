import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sink } from './leak-scan.js';
import type { Stack } from './stack.js';

export interface SinkSources {
  stack: Stack;
  /** Internal listeners whose pages are read. */
  processes: readonly { internalUrl: string }[];
  /** The API's responses, headers included. */
  answers: readonly string[];
}

/** Everything that the service writes, except the one column where payloads belong. */
export async function collectSinks({ stack, processes, answers }: SinkSources): Promise<Sink[]> {
  return [
    { name: 'standard output', text: stack.logLines.join('\n') },
    ...logFiles(stack),
    ...(await pages(processes)),
    { name: 'API answers', text: answers.join('\n') },
    { name: 'tables', text: await tables(stack) },
    { name: 'dead letters', text: await deadLetters(stack) },
    ...(await histories(stack)),
    { name: 'Temporal database', text: temporalDatabase(stack) },
  ];
}

const SERVERS = ['postgres', 'nats', 'temporal', 'kms'];

/** Standard error of our processes, and the logs of the servers. */
function logFiles({ parts: { dir } }: Stack): Sink[] {
  return ['service', ...SERVERS].flatMap((folder) =>
    readdirSync(join(dir, folder))
      .filter((file) => file.endsWith('.log'))
      .map((file) => ({ name: `${folder}/${file}`, text: readFileSync(join(dir, folder, file), 'utf8') })),
  );
}

async function pages(processes: SinkSources['processes']): Promise<Sink[]> {
  const read = async (url: string) => await (await fetch(url)).text();
  return await Promise.all(
    processes.map(async ({ internalUrl }, n) => ({
      name: `internal listener ${String(n)}`,
      text: (await read(`${internalUrl}/metrics`)) + (await read(`${internalUrl}/ready`)),
    })),
  );
}

async function tables({ admin }: Stack): Promise<string> {
  const { rows } = await admin.query<{ line: string }>(`
    SELECT to_jsonb(w)::text AS line FROM hook.webhook_configs w
    UNION ALL SELECT (to_jsonb(a) - 'payload_snapshot')::text FROM hook.delivery_attempts a`);
  return rows.map(({ line }) => line).join('\n');
}

async function deadLetters({ nats }: Stack): Promise<string> {
  const { streams } = await nats.jetstreamManager();
  const { state } = await streams.info('WEBHOOKS_DLQ');
  const letters: string[] = [];
  for (let seq = Math.max(1, state.first_seq); seq <= state.last_seq; seq++) {
    const { data, header } = await streams.getMessage('WEBHOOKS_DLQ', { seq });
    const headers = [...header].map(([name, values]) => `${name}: ${values.join(', ')}`);
    letters.push([...headers, new TextDecoder().decode(data)].join('\n'));
  }
  return letters.join('\n\n');
}

/** The histories of all workflows, and the content of their payloads. */
async function histories({ temporal }: Stack): Promise<Sink[]> {
  const sinks: Sink[] = [];
  for await (const { workflowId, runId } of temporal.workflow.list()) {
    const handle = temporal.workflow.getHandle(workflowId, runId);
    const told = { history: await handle.fetchHistory(), description: (await handle.describe()).raw };
    const text = [JSON.stringify(told), ...payloadsOf(told).map((payload) => payload.toString('utf8'))].join('\n');
    sinks.push({ name: `history of ${workflowId}`, text });
  }
  return sinks;
}

/** The bytes of every payload inside, however deep. */
export function payloadsOf(value: unknown): Buffer[] {
  if (ArrayBuffer.isView(value)) return [Buffer.from(value.buffer, value.byteOffset, value.byteLength)];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => (name === 'metadata' ? [] : payloadsOf(inner)));
}

/** Temporal's database files: payloads of activities, memos and visibility in clear bytes, in every encoding. */
const temporalDatabase = ({ parts: { dir } }: Stack): string =>
  readdirSync(join(dir, 'temporal'))
    .filter((file) => file.startsWith('temporal.db'))
    .map((file) => readFileSync(join(dir, 'temporal', file), 'latin1'))
    .join('\n');
