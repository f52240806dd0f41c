import type { JsMsg, NatsConnection } from 'nats';

/** A message as the bridge handles it, whatever client library brought it. */
export interface PulledMessage {
  readonly data: Uint8Array;
  readonly sequence: number;
  /** 1 the first time. */
  readonly deliveryCount: number;
  /** When it entered the stream, in milliseconds since 1970; the same on every redelivery. */
  readonly receivedAtMs: number;
  /** Ends it: done with (`+ACK`) or hopeless (`+TERM`). False if the server did not confirm: then it comes again. */
  readonly acknowledge: (kind: '+ACK' | '+TERM') => Promise<boolean>;
  /** Gives it back for so many milliseconds. */
  readonly returnAfter: (delayMs: number) => void;
  /** It is still being worked on: its `ack_wait` begins anew. */
  readonly extendAckWait: () => void;
}

const CONFIRM_TIMEOUT_MS = 3_000;

export function toPulledMessage(nats: Pick<NatsConnection, 'request'>, message: JsMsg): PulledMessage {
  return {
    data: message.data,
    sequence: message.info.streamSequence,
    deliveryCount: message.info.deliveryCount,
    receivedAtMs: Math.floor(message.info.timestampNanos / 1e6),
    // The library's own term() is not confirmed, and with a reason servers before 2.10.4 ignore it.
    acknowledge: (kind) =>
      nats.request(replySubject(message), new TextEncoder().encode(kind), { timeout: CONFIRM_TIMEOUT_MS }).then(
        () => true,
        () => false,
      ),
    returnAfter: (delayMs) => message.nak(delayMs),
    extendAckWait: () => message.working(),
  };
}

/** Present on every JetStream message, but not in the library's interface. */
const replySubject = (message: JsMsg): string => (message as JsMsg & { reply: string }).reply;
