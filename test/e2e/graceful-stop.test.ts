import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { NOTHING_WRONG, openAccount, planMessages, publishSteadily, reckon } from '../support/load.js';
import { createScenario } from '../support/scenario.js';
import { type Stack, startStack } from '../support/stack.js';

/** The default grace period of Kubernetes. */
const GRACE_MS = 30_000;

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
}, 120_000);
afterAll(() => stack.close());

test('on SIGTERM under load a dispatcher ends within its grace period and loses nothing', async () => {
  const leaving = await stack.processes.startDispatcher();
  const account = await openAccount(createScenario(stack));
  const messages = planMessages(Array.from({ length: 150 }, () => account));
  const published = publishSteadily(stack.nats, messages, 30);
  await sleep(1_500);
  const staying = await stack.processes.startDispatcher();
  const toldAt = Date.now();
  await leaving.child.stop();
  expect(Date.now() - toldAt).toBeLessThan(GRACE_MS);
  expect(leaving.child.ended()).toBe('exit code 0');
  await published;
  expect(await reckon(stack, messages, 40_000)).toEqual(NOTHING_WRONG);
  expect(staying.child.ended()).toBeUndefined();
}, 120_000);
