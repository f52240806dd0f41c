import type { MessageDeadLetter } from '../contracts/bus/dead-letter.js';
import { ackDecision, redeliveryDelayMs, type Verdict } from './ack-decision.js';
import type { Admission } from './admission.js';
import type { Breaker } from './breaker.js';
import type { Problem } from './decode-message.js';
import type { PulledMessage } from './pulled-message.js';

/** What became of a message; the names of the bridge's counter. */
export type MessageResult =
  'started' | 'redelivered' | 'duplicate' | 'unmatched' | 'skipped' | 'rejected' | 'returned' | 'unconfirmed';

export interface ConcludeDeps {
  stream: string;
  admission: Admission;
  breaker: Breaker;
  publishDeadLetter: (letter: MessageDeadLetter) => Promise<void>;
  count: (result: MessageResult) => void;
  log: (event: { result: MessageResult; sequence: number; stage: string; cause?: string }) => void;
}

export interface Conclusion {
  verdict: Verdict;
  result?: MessageResult;
  problems?: Problem[];
  /** Ends what the message has left behind, should it be rejected. */
  rejected?: (() => Promise<unknown>) | undefined;
  /** The message leaves with its first attempts, not with its acknowledgement. */
  staysInside?: boolean;
}

/** The one place where a message is acknowledged, given back or rejected. Never throws. */
export async function conclude(deps: ConcludeDeps, pulled: PulledMessage, conclusion: Conclusion): Promise<void> {
  const { verdict, staysInside = false } = conclusion;
  // Whatever could not be told to the server is as good as untold: the message comes again.
  const result = await tell(deps, pulled, conclusion).catch(() => 'unconfirmed' as const);
  deps.count(result);
  const cause = 'cause' in verdict ? { cause: verdict.cause } : {};
  deps.log({ result, sequence: pulled.sequence, stage: verdict.stage, ...cause });
  if (!staysInside) deps.admission.leave(pulled);
}

async function tell(
  deps: ConcludeDeps,
  pulled: PulledMessage,
  { verdict, result, problems = [], rejected }: Conclusion,
): Promise<MessageResult> {
  const decision = ackDecision(verdict, pulled.deliveryCount);
  if (decision.action === 'reject') return await reject(deps, pulled, { reason: decision.reason, problems, rejected });
  if (decision.action === 'ack') {
    deps.breaker.close();
    return (await pulled.end('+ACK')) ? (result ?? 'started') : 'unconfirmed';
  }
  if (decision.pause) deps.breaker.open();
  // In an outage the breaker decides how often something is tried; the message that was tried is not to wait longer for it.
  pulled.later(redeliveryDelayMs(decision.pause ? 1 : pulled.deliveryCount, pulled.sequence));
  return 'returned';
}

/** The dead letter first: a crash in between repeats it under the same id, and the stream drops the repetition. */
async function reject(
  deps: ConcludeDeps,
  pulled: PulledMessage,
  { reason, problems, rejected }: Pick<MessageDeadLetter, 'reason' | 'problems'> & Pick<Conclusion, 'rejected'>,
): Promise<MessageResult> {
  const { sequence, receivedAtMs, deliveryCount, data } = pulled;
  try {
    await deps.publishDeadLetter({
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
    pulled.later(redeliveryDelayMs(deliveryCount, sequence));
    return 'returned';
  }
  return (await pulled.end('+TERM')) ? 'rejected' : 'unconfirmed';
}
