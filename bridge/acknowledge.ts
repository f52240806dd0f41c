import type { MessageDeadLetter } from '../contracts/bus/dead-letter.js';
import { decideAck, redeliveryDelayMs, type MessageVerdict } from './ack-decision.js';
import type { Admission } from './admission.js';
import type { Breaker } from './breaker.js';
import type { MessageProblem } from './decode-message.js';
import type { PulledMessage } from './pulled-message.js';

/** What became of a message; the names of the bridge's counter. */
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
  /** Ends what the message has left behind, should it be rejected. */
  readonly onRejected?: (() => Promise<unknown>) | undefined;
  /** The message leaves with its first attempts, not with its acknowledgement. */
  readonly staysAdmitted?: boolean;
}

/** The one place where a message is acknowledged, given back or rejected. Never throws. */
export async function acknowledgeMessage(
  deps: AcknowledgeDeps,
  pulled: PulledMessage,
  conclusion: Acknowledgement,
): Promise<void> {
  const { verdict, staysAdmitted = false } = conclusion;
  // Whatever could not be told to the server is as good as untold: the message comes again.
  const result = await applyDecision(deps, pulled, conclusion).catch(() => 'unconfirmed' as const);
  deps.countMessage(result);
  const cause = 'cause' in verdict ? { cause: verdict.cause } : {};
  deps.log({ result, sequence: pulled.sequence, stage: verdict.stage, ...cause });
  if (!staysAdmitted) deps.admission.leave(pulled);
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
  // In an outage the breaker decides how often something is tried; the message that was tried is not to wait longer for it.
  pulled.returnAfter(redeliveryDelayMs(decision.pause ? 1 : pulled.deliveryCount, pulled.sequence));
  return 'returned';
}

/** The dead letter first: a crash in between repeats it under the same id, and the stream drops the repetition. */
async function rejectMessage(
  deps: AcknowledgeDeps,
  pulled: PulledMessage,
  {
    reason,
    problems,
    onRejected: rejected,
  }: Pick<MessageDeadLetter, 'reason' | 'problems'> & Pick<Acknowledgement, 'onRejected'>,
): Promise<MessageResult> {
  const { sequence, receivedAtMs, deliveryCount, data } = pulled;
  try {
    await deps.publishMessageDeadLetter({
      id: `message:${deps.stream}:${String(sequence)}`,
      schemaVersion: 1,
      type: 'webhook.message.rejected',
      time: new Date(receivedAtMs).toISOString(),
      reason,
      source: { stream: deps.stream, sequence, publishedAt: new Date(receivedAtMs).toISOString() },
      bytes: data.length,
      deliveryCount,
      problems,
    });
    await rejected?.();
  } catch {
    pulled.returnAfter(redeliveryDelayMs(deliveryCount, sequence));
    return 'returned';
  }
  return (await pulled.acknowledge('+TERM')) ? 'rejected' : 'unconfirmed';
}
