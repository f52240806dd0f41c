// The whole service on this machine, and a story told with it. node dist/bin/demo.js [--once] [--events FILE]
// --once: ends after the summary; exit code 0 only if every number is as published. Otherwise it stays up until Ctrl-C.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readMessages } from '../demo/messages.js';
import { nextSteps } from '../demo/next.js';
import { demoOptions } from '../demo/options.js';
import { BROKEN_PATH } from '../demo/plan.js';
import { startDemoServices } from '../demo/start-demo-services.js';
import { runStory } from '../demo/story.js';
import { differences, summaryTable, type Count } from '../demo/summary.js';
import { createTerminal } from '../demo/terminal.js';

const options = demoOptions(process.argv.slice(2));
if (options === undefined) {
  process.stderr.write('usage: npm run demo -- [--once] [--events FILE]\n');
  process.exit(2);
}
const { once: endsAfterStory, events } = options;
// A warning of the AWS SDK about next year’s Node is not part of the story.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

const terminal = createTerminal(process.stdout, process.env);
const interruption = new AbortController();
const { signal } = interruption;
const undone: ((failed: boolean) => unknown)[] = [];

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    // The servers notice that this process is gone, and what it leaves in the temporary folder the next run removes.
    if (signal.aborted) process.exit(130);
    interruption.abort();
  });
}
// The reader of a pipe went away.
process.stdout.on('error', () => interruption.abort());

const INTRODUCTION = [
  'Webhook dispatcher: what a platform publishes as events, its customers receive as signed HTTP requests, sent again',
  'until they arrive. This demo plays a platform, and a customer with one good, one flaky and one broken endpoint.',
];

async function run(): Promise<number> {
  const accountId = randomUUID();
  const messages = readMessages(readFileSync(events, 'utf8'), accountId);
  for (const line of INTRODUCTION) terminal.say(line);
  terminal.heading('1. The real servers are started on this machine (Ctrl-C ends all of it)');
  const onEnd = (undo: (failed: boolean) => unknown) => void undone.push(undo);
  const services = await startDemoServices({ terminal, env: process.env, signal, onEnd });
  const { counts, webhookIds } = await runStory(services, { terminal, signal, accountId, messages });
  const wrong = summarise(counts);
  if (endsAfterStory) return wrong;
  terminal.heading('What to try next (everything stays up until Ctrl-C)');
  for (const line of nextSteps(services, { accountId, webhookId: webhookIds.get(BROKEN_PATH) ?? '' }))
    terminal.say(line);
  if (!signal.aborted) await once(signal, 'abort');
  return wrong;
}

function summarise(counts: readonly Count[]): number {
  terminal.heading('7. Summary');
  const mark = (right: boolean) => (right ? terminal.good('✓') : terminal.bad('✗'));
  for (const line of summaryTable(counts, mark)) terminal.say(line);
  const wrong = differences(counts);
  for (const line of wrong) terminal.say(terminal.bad(`✗ ${line}`));
  if (wrong.length === 0) terminal.say(terminal.good('Every number is as published.'));
  return wrong.length === 0 ? 0 : 1;
}

async function runAndEnd(): Promise<number> {
  const code = await run().catch((error: unknown) => {
    if (signal.aborted) return 130;
    process.stderr.write(`\n✗ The demo cannot go on: ${(error as Error).message}\n`);
    return 1;
  });
  terminal.heading('Stopping');
  for (const undo of undone.reverse()) await endQuietly(() => undo(code === 1));
  terminal.say('Everything that was started here is ended.');
  return code;
}

/** One thing that does not end must not keep the others running. */
async function endQuietly(end: () => unknown): Promise<void> {
  try {
    await end();
  } catch (error) {
    process.stderr.write(`✗ ${(error as Error).message}\n`);
  }
}

process.exitCode = await runAndEnd();
