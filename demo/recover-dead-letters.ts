import type { DeliveryDeadLetter } from '../contracts/bus/dead-letter.js';
import type { Task } from '../contracts/rest/task.js';
import type { DemoApi } from './api.js';
import type { Terminal } from './terminal.js';
import { pollUntil } from './poll-until.js';

interface Replaying {
  readonly api: DemoApi;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/** Slow enough to be watched. */
const RATE_PER_SECOND = 1;
const PATIENCE_MS = 30_000;

/** One task for each webhook with dead letters sends all of its deliveries again; each step of its progress is a line. */
export async function recoverDeadLetters(replaying: Replaying, letters: readonly DeliveryDeadLetter[]): Promise<void> {
  for (const webhookId of new Set(letters.map((letter) => letter.webhookId))) {
    const own = letters.filter((letter) => letter.webhookId === webhookId);
    const first = Math.min(...own.map(({ firstAttemptAt, time }) => Date.parse(firstAttemptAt ?? time)));
    // The event came in before its first attempt.
    const since = new Date(first - PATIENCE_MS).toISOString();
    await replayAll(replaying, { webhookId, since, deliveries: own.length });
  }
}

async function replayAll(
  { api, terminal, signal }: Replaying,
  { webhookId, since, deliveries }: { webhookId: string; since: string; deliveries: number },
): Promise<void> {
  const path = `/v1/webhooks/${webhookId}/recover`;
  const answer = await api.call('POST', path, { since, ratePerSecond: RATE_PER_SECOND });
  if (answer.status !== 202) throw new Error(`POST ${path} answered ${answer.status}`);
  let task = answer.body as Task;
  terminal.say(`POST ${path} → 202 task ${task.id}, ${RATE_PER_SECOND} delivery a second`);
  let told = 0;
  const over = async () => {
    task = (await api.call('GET', `/v1/tasks/${task.id}`)).body as Task;
    for (; told < task.started; told += 1) terminal.say(progressLine(told + 1, deliveries));
    return task.state !== 'running' && task.state !== 'paused';
  };
  await pollUntil(over, { withinMs: PATIENCE_MS, signal, everyMs: 200 });
  terminal.say(`task ${task.state}: ${task.started} of ${deliveries} sent again`);
}

const WIDTH = 20;

function progressLine(done: number, all: number): string {
  const filled = Math.round((WIDTH * Math.min(done, all)) / Math.max(1, all));
  return `${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} ${done} of ${all}`;
}
