import { expect, test } from '@jest/globals';
import { createAdmission } from '../../../bridge/admission.js';
import type { MessageVerdict } from '../../../bridge/ack-decision.js';
import { createBreaker } from '../../../bridge/breaker.js';
import { acknowledgeMessage } from '../../../bridge/acknowledge.js';

/** The delay with which the message is returned, in milliseconds. */
async function delayOf(verdict: MessageVerdict, deliveryCount: number): Promise<number> {
  let delay = Number.NaN;
  const pulled = {
    data: new Uint8Array(),
    sequence: 7,
    receivedAtMs: 1_000,
    deliveryCount,
    acknowledge: async () => true,
    returnAfter: (ms: number) => void (delay = ms),
    extendAckWait: () => undefined,
  };
  const deps = { stream: 'WEBHOOKS', admission: createAdmission(1), breaker: createBreaker(() => 0) };
  const quiet = {
    publishMessageDeadLetter: async () => undefined,
    countMessage: () => undefined,
    log: () => undefined,
  };
  await acknowledgeMessage({ ...deps, ...quiet }, pulled, { verdict });
  return delay;
}

test.each<MessageVerdict>([
  { stage: 'record', cause: 'unavailable' },
  { stage: 'start', cause: 'unavailable' },
])(
  'a message that was tried often during an outage ($stage) waits no longer for its end than others',
  async (verdict) => {
    expect(await delayOf(verdict, 20)).toBe(await delayOf(verdict, 1));
    expect(await delayOf(verdict, 20)).toBeLessThan(1_000);
  },
);

test('a message that is refused for itself waits longer each time', async () => {
  const refused: MessageVerdict = { stage: 'start', cause: 'refused' };
  expect(await delayOf(refused, 5)).toBeGreaterThan(8 * (await delayOf(refused, 1)));
});
