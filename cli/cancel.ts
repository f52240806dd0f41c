import type { DeliveryRow } from '../db/deliveries.js';
import { CommandError } from './command-error.js';
import { EXIT } from './exit-codes.js';
import type { Output } from './output.js';
import { parseId } from './parse-id.js';

export interface CancelDeps {
  readonly findDelivery: (accountId: string, deliveryId: string) => Promise<DeliveryRow | undefined>;
  /** Asks the workflow; false when none runs that would listen. */
  readonly signalCancel: (workflowId: string, deliveryId: string) => Promise<boolean>;
  /** Ends a delivery that no workflow works on. */
  readonly settleCanceled: (accountId: string, deliveryId: string) => Promise<unknown>;
  readonly wait: (ms: number) => Promise<void>;
}

const LOOKS = 40;
const EVERY_MS = 250;

/** `cancel`: ends a waiting delivery, and waits until it has ended. An attempt that is being made is finished first. */
export async function cancel(
  deps: CancelDeps,
  [id, options]: readonly [id: string, options: { readonly account: string }],
  output: Output,
): Promise<number> {
  const accountId = parseId('account', options.account);
  const deliveryId = parseId('delivery', id);
  const before = await deps.findDelivery(accountId, deliveryId);
  if (before === undefined) throw new CommandError('the account has no such delivery');
  if (before.outcome !== null) throw new CommandError(`the delivery has ended (${before.outcome})`, EXIT.refused);
  const heard = await deps.signalCancel(before.workflowId, deliveryId);
  if (!heard) await deps.settleCanceled(accountId, deliveryId);
  for (let look = 0; look < LOOKS; look += 1) {
    const outcome = (await deps.findDelivery(accountId, deliveryId))?.outcome ?? null;
    if (outcome !== null) {
      output.data({ deliveryId, outcome }, `${deliveryId}: ${outcome}`);
      return outcome === 'canceled' ? EXIT.ok : EXIT.failed;
    }
    await deps.wait(EVERY_MS);
  }
  throw new CommandError('its workflow was told, but has not ended it yet: webhookctl deliveries show tells later');
}
