import type { AttemptBatch } from '../contracts/workflows/deliver-webhook.js';
import type { AttemptContext } from '../db/delivery-path/load-attempts.js';
import type { SetOutcomesRequest } from '../db/delivery-path/set-outcomes.js';
import type { AttemptOutcome } from '../domain/delivery/outcome.js';
import type { AttemptSettings } from './attempt-settings.js';
import { readRecordedOutcome } from './build-finished-attempt-row.js';

export interface EndWithoutRequestDeps {
  readonly setOutcomes: (request: SetOutcomesRequest) => Promise<void>;
}

export const ENDPOINT_DELETED: AttemptOutcome = { kind: 'giveUp', reason: 'endpoint_deleted' };

/** The outcome of an attempt that needs no request; `undefined` if the request has to be made. */
export function decideWithoutRequest(
  { trigger }: Pick<AttemptBatch, 'trigger'>,
  { avoidSlow }: Pick<AttemptSettings, 'avoidSlow'>,
  context: AttemptContext | undefined,
): AttemptOutcome | undefined {
  if (context?.finished !== undefined) return readRecordedOutcome(context.finished);
  if (context?.endpoint === undefined) return ENDPOINT_DELETED;
  // A customer tests a disabled endpoint before enabling it again.
  if (context.endpoint.status === 'disabled' && trigger !== 'test')
    return { kind: 'skipped', reason: 'endpoint_disabled' };
  return avoidSlow && context.endpoint.slow ? { kind: 'deferred', reason: 'slow' } : undefined;
}

/**
 * Decides without a request, and writes the outcome of a delivery to a disabled endpoint. The delivery can be replayed.
 * @throws DatabaseError
 */
export async function endWithoutRequest(
  { setOutcomes }: EndWithoutRequestDeps,
  { batch, settings }: { batch: AttemptBatch; settings: Pick<AttemptSettings, 'avoidSlow'> },
  context: AttemptContext | undefined,
): Promise<AttemptOutcome | undefined> {
  const outcome = decideWithoutRequest(batch, settings, context);
  // A finished row holds its outcome already.
  if (outcome?.kind !== 'skipped' || context === undefined || context.finished !== undefined) return outcome;
  await setOutcomes({
    accountId: context.accountId,
    deliveryIds: [context.deliveryId],
    cycle: batch.cycle,
    outcome: 'skipped_disabled',
    reason: 'endpoint_disabled',
  });
  return outcome;
}
