import type { AttemptBatch } from '../contracts/workflows/deliver-webhook.js';
import type { AttemptContext } from '../db/delivery-path/load-attempts.js';
import type { AttemptOutcome } from '../domain/delivery/outcome.js';
import type { AttemptLoop } from './attempt-loop.js';
import { readRecordedOutcome } from './build-finished-attempt-row.js';

export interface DecideDeps {
  readonly skipDisabled: (delivery: { accountId: string; deliveryId: string; cycle: number }) => Promise<void>;
}

export const ENDPOINT_DELETED: AttemptOutcome = { kind: 'giveUp', reason: 'endpoint_deleted' };

/** What ends an attempt without a POST, if anything does. */
export function outcomeWithoutRequest(
  { trigger }: Pick<AttemptBatch, 'trigger'>,
  { avoidSlow }: Pick<AttemptLoop, 'avoidSlow'>,
  context: AttemptContext | undefined,
): AttemptOutcome | undefined {
  if (context?.finished !== undefined) return readRecordedOutcome(context.finished);
  if (context?.endpoint === undefined) return ENDPOINT_DELETED;
  // A test is what a customer tries before enabling it again.
  if (context.endpoint.status === 'disabled' && trigger !== 'test')
    return { kind: 'skipped', reason: 'endpoint_disabled' };
  return avoidSlow && context.endpoint.slow ? { kind: 'deferred', reason: 'slow' } : undefined;
}

/** The same, and a disabled endpoint's row tells it. */
export async function decideWithoutRequest(
  deps: DecideDeps,
  { batch, loop }: { batch: AttemptBatch; loop: Pick<AttemptLoop, 'avoidSlow'> },
  context: AttemptContext | undefined,
): Promise<AttemptOutcome | undefined> {
  const outcome = outcomeWithoutRequest(batch, loop, context);
  // What a settled row tells is written already.
  if (outcome?.kind !== 'skipped' || context === undefined || context.finished !== undefined) return outcome;
  const { accountId, deliveryId } = context;
  await deps.skipDisabled({ accountId, deliveryId, cycle: batch.cycle });
  return outcome;
}
