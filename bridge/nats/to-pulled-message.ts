import type { JsMsg, NatsConnection } from 'nats';
import type { PulledMessage } from '../pulled-message.js';

const CONFIRM_TIMEOUT_MS = 3_000;

export function toPulledMessage(nats: Pick<NatsConnection, 'request'>, message: JsMsg): PulledMessage {
  return {
    data: message.data,
    sequence: message.info.streamSequence,
    deliveryCount: message.info.deliveryCount,
    receivedAtMs: Math.floor(message.info.timestampNanos / 1e6),
    // Not the library's term(): the server does not confirm it, and servers before 2.10.4 ignore it if it has a reason.
    acknowledge: (kind) =>
      nats.request(readReplySubject(message), new TextEncoder().encode(kind), { timeout: CONFIRM_TIMEOUT_MS }).then(
        () => true,
        () => false,
      ),
    returnAfter: (delayMs) => message.nak(delayMs),
    extendAckWait: () => message.working(),
  };
}

/** Every JetStream message has a reply subject, but the library's interface does not declare it. */
const readReplySubject = (message: JsMsg): string => (message as JsMsg & { reply: string }).reply;
