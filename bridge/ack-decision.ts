import type { MessageRejectionReason } from '../contracts/bus/dead-letter.js';
import type { DatabaseErrorKind } from '../db/errors.js';

/** The last stage that a message reached, and the cause if it failed there. */
export type MessageVerdict =
  | { stage: 'done' }
  | { stage: 'decode' }
  | { stage: 'record'; cause: DatabaseErrorKind }
  | { stage: 'start'; cause: 'unavailable' | 'refused' };

export type AckDecision =
  | { action: 'ack' }
  /** Return it to the stream. `pause`: the cause affects every message, so pulling pauses. */
  | { action: 'later'; pause: boolean }
  /** It can never be processed: publish a dead letter, then `+TERM`. */
  | { action: 'reject'; reason: MessageRejectionReason };

/** After so many deliveries a message that fails alone is rejected. During an outage the bridge pauses, so few of them count. */
export const MAX_REFUSALS = 8;

export function decideAck(verdict: MessageVerdict, deliveryCount: number): AckDecision {
  switch (verdict.stage) {
    case 'done':
      return { action: 'ack' };
    case 'decode':
      return { action: 'reject', reason: 'invalid_message' };
    case 'record':
      return decideRecordFailure(verdict.cause, deliveryCount);
    case 'start':
      return verdict.cause === 'unavailable' ? { action: 'later', pause: true } : decideRefusal(deliveryCount);
  }
}

function decideRecordFailure(cause: DatabaseErrorKind, deliveryCount: number): AckDecision {
  switch (cause) {
    case 'refused_value':
      return { action: 'reject', reason: 'invalid_message' };
    case 'unavailable':
    case 'misconfigured':
      return { action: 'later', pause: true };
    case 'contention':
      return { action: 'later', pause: false };
    case 'constraint':
    case 'bug':
      return decideRefusal(deliveryCount);
  }
}

const decideRefusal = (deliveryCount: number): AckDecision =>
  deliveryCount >= MAX_REFUSALS ? { action: 'reject', reason: 'start_refused' } : { action: 'later', pause: false };

/** Milliseconds until redelivery: 500 ms, doubled each time up to 30 s. The sequence adds ±25 %, so that messages return spread out. */
export function redeliveryDelayMs(deliveryCount: number, sequence: number): number {
  const base = Math.min(30_000, 500 * 2 ** Math.min(deliveryCount - 1, 16));
  return Math.round(base * (0.75 + ((sequence * 0.618_034) % 1) / 2));
}
