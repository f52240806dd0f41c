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

/** `retry`: makes a waiting delivery's next attempt now. A settled one is refused, because it would be sent a second time. */
export async function retry(
  { findDelivery, replayDelivery }: RetryDeps,
  [id, options]: readonly [id: string, options: RetryOptions],
  output: Output,
): Promise<number> {
  const asked = { accountId: parseId('account', options.account), deliveryId: parseId('delivery', id) };
  const author = parseAuthor({ reason: 'asked to try again now', as: options.as });
  const delivery = await findDelivery(asked.accountId, asked.deliveryId);
  if (delivery === undefined) throw new CommandError('the account has no such delivery');
  if (delivery.outcome !== null)
    throw new CommandError(
      `the delivery has ended (${delivery.outcome}): webhookctl replay sends it again`,
      EXIT.refused,
    );
  const accepted = await replayDelivery({ ...asked, ...author });
  if (accepted === undefined) throw new CommandError('the account has no such delivery');
  output.writeResult(
    { deliveryId: asked.deliveryId, ...accepted },
    `${accepted.kind} ${asked.deliveryId} → ${accepted.workflowId}`,
  );
  return EXIT.ok;
}
