import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ServiceProcess } from '../../../local/own-processes.js';
import { takeNatsSeats, type NatsSeats } from '../../support/nats-pki-seats.js';
import { createScenario } from '../../support/scenario.js';
import { startStack, type Stack } from '../../support/stack.js';

let stack: Stack;
beforeAll(async () => void (stack = await startStack()), 120_000);
afterAll(() => stack.close());

describe.each(['baseline', 'hardened'] as const)(
  'NATS-01 the built dispatcher behind a leaf node, %s profile',
  (profile) => {
    let seats: NatsSeats;
    let dispatcher: ServiceProcess;
    beforeAll(async () => {
      seats = await takeNatsSeats(profile);
      dispatcher = await stack.processes.startDispatcher(
        seats.servers.environment('webhook-dispatcher', seats.servers.leaf),
      );
    });
    afterAll(async () => {
      await dispatcher.child.stop();
      await seats.servers.stop();
    });

    test('delivers an event, and publishes the dead letter of one that cannot be delivered', async () => {
      const { register, event, publish, settled } = createScenario({ ...stack, nats: seats.producer });
      const [good, bad] = [await register(`/hooks/ok/${profile}`), await register(`/hooks/gone/${profile}`)];
      const sent = event();
      await publish(sent);
      const rows = await settled(sent.id);
      const outcomes = rows.filter(({ isLatest }) => isLatest).map(({ webhookId, outcome }) => [webhookId, outcome]);
      expect(new Map(outcomes as [string, string][])).toEqual(
        new Map([
          [good.id, 'delivered'],
          [bad.id, 'dead_lettered'],
        ]),
      );
      expect(await seats.messagesIn('WEBHOOKS')).toBe(0);
      expect(await seats.messagesIn('WEBHOOKS_DLQ')).toBe(1);
    });
  },
);
