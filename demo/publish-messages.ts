import type { NatsConnection } from 'nats';
import type { DemoMessage } from './messages.js';
import type { Terminal } from './terminal.js';

/** Publishes the messages as platform services do. Resolves with the number of events that the broker has confirmed. */
export async function publishMessages(
  { nats, terminal }: { nats: NatsConnection; terminal: Terminal },
  messages: readonly DemoMessage[],
): Promise<number> {
  let confirmed = 0;
  for (const { batch, events, text } of messages) {
    await nats.jetstream().publish('webhook.dispatch', text);
    confirmed += events.length;
    for (const [index, { id, type, data }] of events.entries()) {
      const form = batch ? `batch, event ${index + 1} of ${events.length}` : 'single message';
      terminal.say(`${form.padEnd(21)} ${id} ${type.padEnd(17)} to ${String(data?.to)}`);
    }
  }
  return confirmed;
}
