import type { ReplayDelivery } from '../control/replay-delivery.js';
import type { DeliveryRow } from '../db/queries/deliveries.js';
import { CommandError } from './command-error.js';
import { EXIT } from './exit-codes.js';
import type { Output } from './output.js';
import { parseId } from './parse-id.js';
import { parseAuthor, type AuthorOptions } from './request-author.js';

export interface RetryOptions extends Omit<AuthorOptions, 'reason'> {
  readonly account: string;
}

export interface RetryDeps {
  readonly findDelivery: (accountId: string, deliveryId: string) => Promise<DeliveryRow | undefined>;
  readonly replayDelivery: ReplayDelivery;
}

/**
 * `retry`: makes a waiting delivery's next attempt now. Refuses a delivery that has ended, because it would be sent
 * twice.
 */
export async function retry(
  { findDelivery, replayDelivery }: RetryDeps,
  [id, options]: readonly [id: string, options: RetryOptions],
  output: Output,
): Promise<number> {
  const target = { accountId: parseId('account', options.account), deliveryId: parseId('delivery', id) };
  const author = parseAuthor({ reason: 'retry now requested', as: options.as });
  const delivery = await findDelivery(target.accountId, target.deliveryId);
  if (delivery === undefined) throw new CommandError('the account has no such delivery');
  if (delivery.outcome !== null)
    throw new CommandError(`the delivery has ended (${delivery.outcome}): use webhookctl replay`, EXIT.refused);
  const accepted = await replayDelivery({ ...target, ...author });
  if (accepted === undefined) throw new CommandError('the account has no such delivery');
  output.writeResult(
    { deliveryId: target.deliveryId, ...accepted },
    `${accepted.kind} ${target.deliveryId} → ${accepted.workflowId}`,
  );
  return EXIT.ok;
}
