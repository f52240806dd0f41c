import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { ChildEnvironment } from '../local/process/start-child.js';
import { readMessages } from './messages.js';
import { nextSteps } from './next.js';
import type { DemoOptions } from './options.js';
import { BROKEN_PATH } from './plan.js';
import { startDemoServices } from './start-demo-services.js';
import { runStory } from './story.js';
import { differences, summaryTable, type Count } from './summary.js';
import type { Terminal } from './terminal.js';

export interface RunDemoDeps {
  readonly terminal: Terminal;
  readonly env: ChildEnvironment;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Receives errors. */
  readonly reportError: (line: string) => void;
}

type ClosingStep = (failed: boolean) => unknown;

const EXIT_INTERRUPTED = 130;

const INTRODUCTION = [
  'Webhook dispatcher: a platform publishes events, and its customers receive them as signed HTTP requests, which are retried',
  'until they arrive. This demo plays a platform, and a customer with one good, one flaky and one broken endpoint.',
];

/** Runs the demo and ends everything that it started. Resolves with the exit code: 0 if every number is as expected. */
export async function runDemo(deps: RunDemoDeps, options: DemoOptions): Promise<number> {
  const { terminal, signal, reportError } = deps;
  const closingSteps: ClosingStep[] = [];
  const code = await runChapters(deps, options, closingSteps).catch((error: unknown) => {
    if (signal.aborted) return EXIT_INTERRUPTED;
    reportError(`\n✗ The demo cannot go on: ${(error as Error).message}`);
    return 1;
  });
  terminal.heading('Stopping');
  for (const close of closingSteps.reverse()) {
    // An error of one step must not keep the others running.
    await Promise.resolve()
      .then(() => close(code === 1))
      .catch((error: unknown) => reportError(`✗ ${(error as Error).message}`));
  }
  terminal.say('Everything that was started here is ended.');
  return code;
}

async function runChapters(deps: RunDemoDeps, options: DemoOptions, closingSteps: ClosingStep[]): Promise<number> {
  const { terminal, env, signal } = deps;
  const accountId = randomUUID();
  const messages = readMessages(readFileSync(options.events, 'utf8'), accountId);
  for (const line of INTRODUCTION) terminal.say(line);
  terminal.heading('1. The real servers are started on this machine (Ctrl-C ends all of it)');
  const onEnd = (close: ClosingStep) => void closingSteps.push(close);
  const services = await startDemoServices({ terminal, env, signal, onEnd });
  const { counts, webhookIds } = await runStory(services, { terminal, signal, accountId, messages });
  const code = printSummary(terminal, counts);
  if (options.once) return code;
  terminal.heading('What to try next (everything stays up until Ctrl-C)');
  for (const line of nextSteps(services, { accountId, webhookId: webhookIds.get(BROKEN_PATH) ?? '' }))
    terminal.say(line);
  if (!signal.aborted) await once(signal, 'abort');
  return code;
}

/** Prints the table and returns the exit code: 0 if every number is as expected. */
function printSummary(terminal: Terminal, counts: readonly Count[]): number {
  terminal.heading('7. Summary');
  const mark = (isEqual: boolean) => (isEqual ? terminal.good('✓') : terminal.bad('✗'));
  for (const line of summaryTable(counts, mark)) terminal.say(line);
  const wrong = differences(counts);
  for (const line of wrong) terminal.say(terminal.bad(`✗ ${line}`));
  if (wrong.length === 0) terminal.say(terminal.good('Every number is as published.'));
  return wrong.length === 0 ? 0 : 1;
}
