import { setTimeout as sleep } from 'node:timers/promises';
import { openAccount, planMessages, publishSteadily, type Reckoning, reckon } from './load.js';
import { createScenario } from './scenario.js';
import type { Stack } from './stack.js';

const MESSAGES = 300;
const EVERY_MS = 50;
const ACCOUNTS = 6;
const BEFORE_MS = 3_000;
const OUTAGE_MS = 10_000;
/** On an idle machine every delivery has its outcome within ten seconds. None may wait for a person. */
const RECOVERY_MS = 60_000;

/**
 * Stops a server for ten seconds in the middle of 300 messages and compares their outcomes with the plan. The accounts
 * follow each other, so that some have their first message while the server is unavailable.
 */
export async function loadThroughOutage(
  stack: Stack,
  server: 'postgres' | 'nats' | 'temporal' | 'kms',
): Promise<Reckoning> {
  const accounts = await Promise.all(Array.from({ length: ACCOUNTS }, () => openAccount(createScenario(stack))));
  const inTurn = accounts.flatMap((account) => Array.from({ length: MESSAGES / ACCOUNTS }, () => account));
  const messages = planMessages(inTurn);
  const published = publishSteadily(stack.nats, messages, EVERY_MS);
  await sleep(BEFORE_MS);
  await stack.parts[server].stop();
  await sleep(OUTAGE_MS);
  await stack.parts[server].restart();
  await published;
  return await reckon(stack, messages, RECOVERY_MS);
}
