/**
 * A message of the source of events. `bridge/nats/` makes these from JetStream messages. Another source of events replaces
 * `bridge/nats/` and makes the same objects; the rest of `bridge/` stays.
 */
export interface PulledMessage {
  readonly data: Uint8Array;
  /** Position in the stream. It is unique and the same on every redelivery. */
  readonly sequence: number;
  /** 1 the first time. */
  readonly deliveryCount: number;
  /** When the message entered the stream, in milliseconds since 1970; the same on every redelivery. */
  readonly receivedAtMs: number;
  /**
   * Removes the message from the stream: `+ACK` if it is processed, `+TERM` if it never can be. Resolves with false if the server
   * did not confirm; then the message is redelivered.
   */
  readonly acknowledge: (kind: '+ACK' | '+TERM') => Promise<boolean>;
  /** Returns the message to the stream. It is redelivered after so many milliseconds. */
  readonly returnAfter: (delayMs: number) => void;
  /** Restarts the time within which the server expects the acknowledgement (`ack_wait`). */
  readonly extendAckWait: () => void;
}
