import type { DatabaseErrorKind } from '../db/errors.js';

/** Where a message's way ended, and why. */
export type MessageVerdict =
  | { stage: 'done' }
  | { stage: 'decode' }
  | { stage: 'record'; cause: DatabaseErrorKind }
  | { stage: 'start'; cause: 'unavailable' | 'refused' };

export type AckDecision =
  | { action: 'ack' }
  /** Back to the stream. `pause`: what is missing is missing for every message, so nothing is pulled for a while. */
  | { action: 'later'; pause: boolean }
  /** It can never be processed: a dead letter, then `+TERM`. */
  | { action: 'reject'; reason: 'invalid_message' | 'start_refused' };

/** Deliveries after which a refusal that concerns only this message is believed. Outages do not count: they pause. */
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

/** Milliseconds until a message comes back: 500 ms doubling to 30 s, ±25 % by its sequence so that they do not return together. */
export function redeliveryDelayMs(deliveryCount: number, sequence: number): number {
  const base = Math.min(30_000, 500 * 2 ** Math.min(deliveryCount - 1, 16));
  return Math.round(base * (0.75 + ((sequence * 0.618_034) % 1) / 2));
}
