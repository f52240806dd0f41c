import type { AttemptFacts } from '../contracts/workflows/deliver-webhook.js';
import type { EndpointContext } from '../db/delivery-path/load-attempts.js';
import type { EndpointNote } from '../db/delivery-path/note-endpoints.js';
import type { AttemptOutcome } from '../domain/delivery/outcome.js';

/** An answer that takes longer marks its endpoint as slow. */
export const SLOW_ANSWER_MS = 1_000;

/** The change that an attempt causes in its endpoint's row; usually `null`, and then the row is not written. */
export function deriveEndpointNote(
  outcome: AttemptOutcome,
  facts: AttemptFacts,
  endpoint: EndpointContext,
): EndpointNote | null {
  const gone = outcome.kind === 'giveUp' && outcome.reason === 'endpoint_gone';
  const slow = deriveSlow(outcome, facts, endpoint);
  const delivered = outcome.kind === 'delivered';
  const succeeded = (delivered ? endpoint.shouldNoteSuccess : endpoint.shouldNoteFailure) ? delivered : null;
  if (!gone && slow === null && succeeded === null) return null;
  return { revision: endpoint.revision, gone, slow, succeeded };
}

function deriveSlow(outcome: AttemptOutcome, facts: AttemptFacts, endpoint: EndpointContext): boolean | null {
  if (facts.durationMs > SLOW_ANSWER_MS) return true;
  return outcome.kind === 'delivered' && endpoint.slow ? false : null;
}
