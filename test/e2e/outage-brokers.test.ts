import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ServiceProcess } from '../../local/own-processes.js';
import { eventually } from '../support/eventually.js';
import { NOTHING_WRONG } from '../support/load.js';
import { loadThroughOutage } from '../support/load-outage.js';
import { readMetric } from '../support/metrics.js';
import { type Stack, startStack } from '../support/stack.js';

let stack: Stack;
let dispatcher: ServiceProcess;
beforeAll(async () => {
  stack = await startStack();
  dispatcher = await stack.processes.startDispatcher();
}, 120_000);
afterAll(() => stack.close());

test.each(['nats', 'temporal'] as const)(
  '%s stopped for ten seconds under load: nothing is lost, no attempt is consumed, and it recovers by itself',
  async (server) => {
    expect(await loadThroughOutage(stack, server)).toEqual(NOTHING_WRONG);
    await eventually(async () => (await readMetric(dispatcher, 'dispatcher_messages_in_flight')) === 0);
    expect(dispatcher.child.ended()).toBeUndefined();
  },
  150_000,
);
