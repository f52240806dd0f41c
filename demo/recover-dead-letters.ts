import type { DeliveryDeadLetter } from '../contracts/bus/dead-letter.js';
import type { Task } from '../contracts/rest/task.js';
import type { DemoApi } from './api.js';
import type { Terminal } from './terminal.js';
import { pollUntil } from './poll-until.js';

interface RecoverDeps {
  readonly api: DemoApi;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/** Slow enough to watch. */
const RATE_PER_SECOND = 1;
const TIMEOUT_MS = 30_000;
/** No event of the demo is accepted longer than this before its first attempt. */
const ACCEPTED_BEFORE_MS = 30_000;

/** Starts one replay task for each webhook with dead letters and prints a line for each replayed delivery. */
export async function recoverDeadLetters(deps: RecoverDeps, letters: readonly DeliveryDeadLetter[]): Promise<void> {
  for (const webhookId of new Set(letters.map((letter) => letter.webhookId))) {
    const lettersOfWebhook = letters.filter((letter) => letter.webhookId === webhookId);
    const first = Math.min(...lettersOfWebhook.map(({ firstAttemptAt, time }) => Date.parse(firstAttemptAt ?? time)));
    // The event was accepted before its first attempt.
    const since = new Date(first - ACCEPTED_BEFORE_MS).toISOString();
    await replayAll(deps, { webhookId, since, deliveries: lettersOfWebhook.length });
  }
}

async function replayAll(
  { api, terminal, signal }: RecoverDeps,
  { webhookId, since, deliveries }: { webhookId: string; since: string; deliveries: number },
): Promise<void> {
  const path = `/v1/webhooks/${webhookId}/recover`;
  const answer = await api.call('POST', path, { since, ratePerSecond: RATE_PER_SECOND });
  if (answer.status !== 202) throw new Error(`POST ${path} answered ${answer.status}`);
  let task = answer.body as Task;
  terminal.say(`POST ${path} → 202 task ${task.id}, ${RATE_PER_SECOND} delivery per second`);
  let printed = 0;
  const hasEnded = async () => {
    task = (await api.call('GET', `/v1/tasks/${task.id}`)).body as Task;
    for (; printed < task.started; printed += 1) terminal.say(formatProgress(printed + 1, deliveries));
    return task.state !== 'running' && task.state !== 'paused';
  };
  await pollUntil(hasEnded, { withinMs: TIMEOUT_MS, signal, everyMs: 200 });
  terminal.say(`task ${task.state}: ${task.started} of ${deliveries} replayed`);
}

const WIDTH = 20;

function formatProgress(done: number, all: number): string {
  const filled = Math.round((WIDTH * Math.min(done, all)) / Math.max(1, all));
  return `${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} ${done} of ${all}`;
}
