import { MESSAGE_DEAD_LETTER_TYPE } from '../contracts/bus/dead-letter.js';
import type { MessageDeadLetter } from '../contracts/bus/dead-letter.js';
import { decideAck, redeliveryDelayMs, type MessageVerdict } from './ack-decision.js';
import type { Admission } from './admission.js';
import type { Breaker } from './breaker.js';
import type { MessageProblem } from './decode-message.js';
import type { PulledMessage } from './pulled-message.js';

/** Result of handling a message; the label values of the bridge's counter. */
export type MessageResult =
  'started' | 'redelivered' | 'duplicate' | 'unmatched' | 'skipped' | 'rejected' | 'returned' | 'unconfirmed';

export interface AcknowledgeDeps {
  readonly stream: string;
  readonly admission: Admission;
  readonly breaker: Breaker;
  readonly publishMessageDeadLetter: (letter: MessageDeadLetter) => Promise<void>;
  readonly countMessage: (result: MessageResult) => void;
  readonly log: (event: { result: MessageResult; sequence: number; stage: string; cause?: string }) => void;
}

export interface Acknowledgement {
  readonly verdict: MessageVerdict;
  readonly result?: MessageResult;
  readonly problems?: MessageProblem[];
  /** Cleans up the message's rows if it is rejected. */
  readonly onRejected?: (() => Promise<unknown>) | undefined;
  /** The message leaves admission when its first attempts are over, not when it is acknowledged. */
  readonly staysInFlight?: boolean;
}

/** The only place that acknowledges, returns or rejects a message. Never throws. */
export async function acknowledgeMessage(
  deps: AcknowledgeDeps,
  pulled: PulledMessage,
  acknowledgement: Acknowledgement,
): Promise<void> {
  const { verdict, staysInFlight = false } = acknowledgement;
  // If the server did not receive the decision, it redelivers the message.
  const result = await applyDecision(deps, pulled, acknowledgement).catch(() => 'unconfirmed' as const);
  deps.countMessage(result);
  const cause = 'cause' in verdict ? { cause: verdict.cause } : {};
  deps.log({ result, sequence: pulled.sequence, stage: verdict.stage, ...cause });
  if (!staysInFlight) deps.admission.leave(pulled);
}

async function applyDecision(
  deps: AcknowledgeDeps,
  pulled: PulledMessage,
  { verdict, result, problems = [], onRejected }: Acknowledgement,
): Promise<MessageResult> {
  const decision = decideAck(verdict, pulled.deliveryCount);
  if (decision.action === 'reject')
    return await rejectMessage(deps, pulled, { reason: decision.reason, problems, onRejected });
  if (decision.action === 'ack') {
    deps.breaker.close();
    return (await pulled.acknowledge('+ACK')) ? (result ?? 'started') : 'unconfirmed';
  }
  if (decision.pause) deps.breaker.open();
  // In an outage the breaker spaces the tries. The message itself keeps the shortest delay.
  pulled.returnAfter(redeliveryDelayMs(decision.pause ? 1 : pulled.deliveryCount, pulled.sequence));
  return 'returned';
}

/** Publishes the dead letter first. After a crash in between it is published again under the same id, and the stream drops the duplicate. */
async function rejectMessage(
  deps: AcknowledgeDeps,
  pulled: PulledMessage,
  rejection: Pick<MessageDeadLetter, 'reason' | 'problems'> & Pick<Acknowledgement, 'onRejected'>,
): Promise<MessageResult> {
  const { sequence, receivedAtMs, deliveryCount, data } = pulled;
  const { reason, problems, onRejected } = rejection;
  try {
    await deps.publishMessageDeadLetter({
      id: `message:${deps.stream}:${String(sequence)}`,
      schemaVersion: 1,
      type: MESSAGE_DEAD_LETTER_TYPE,
      time: new Date(receivedAtMs).toISOString(),
      reason,
      source: { stream: deps.stream, sequence, publishedAt: new Date(receivedAtMs).toISOString() },
      bytes: data.length,
      deliveryCount,
      problems,
    });
    await onRejected?.();
  } catch {
    pulled.returnAfter(redeliveryDelayMs(deliveryCount, sequence));
    return 'returned';
  }
  return (await pulled.acknowledge('+TERM')) ? 'rejected' : 'unconfirmed';
}
