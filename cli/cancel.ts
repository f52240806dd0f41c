import type { CancelDelivery } from '../control/cancel-delivery.js';
import { CommandError } from './command-error.js';
import { EXIT } from './exit-codes.js';
import type { Output } from './output.js';
import { parseId } from './parse-id.js';

export interface CancelDeps {
  readonly cancelDelivery: CancelDelivery;
}

/** `cancel`: cancels a waiting delivery and waits until it has ended. An attempt in progress finishes first. */
export async function cancel(
  { cancelDelivery }: CancelDeps,
  [id, options]: readonly [id: string, options: { readonly account: string }],
  output: Output,
): Promise<number> {
  const accountId = parseId('account', options.account);
  const deliveryId = parseId('delivery', id);
  const answer = await cancelDelivery({ accountId, deliveryId });
  if (answer === undefined) throw new CommandError('the account has no such delivery');
  const { kind, row } = answer;
  const outcome = String(row.outcome);
  if (kind === 'ended_before') throw new CommandError(`the delivery has ended (${outcome})`, EXIT.refused);
  if (kind === 'canceling')
    throw new CommandError(
      'cancellation was requested but is not complete yet: webhookctl deliveries show prints the result later',
    );
  output.writeResult({ deliveryId, outcome }, `${deliveryId}: ${outcome}`);
  return kind === 'canceled' ? EXIT.ok : EXIT.failed;
}
