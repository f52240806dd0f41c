import type { ReplayRequest } from '../contracts/workflows/deliver-webhook.js';
import type { ReplayPage, ReplayPageRequest } from '../contracts/workflows/replay-deliveries.js';
import type { DeliveryRow } from '../db/queries/deliveries.js';
import type { DeliverySearchPage } from '../db/queries/search-deliveries.js';

export interface ReplayPageDeps {
  readonly listReplayableDeliveries: (asked: ReplayPageRequest) => Promise<DeliverySearchPage>;
  /** Begins the delivery's next cycle; `already`: somebody else did. */
  readonly startReplay: (
    delivery: DeliveryRow & { accountId: string; replay: ReplayRequest },
  ) => Promise<{ already: boolean }>;
}

/**
 * Begins the replays of one page. Running again after a crash it meets the replays it began: their workflow ids are those of
 * the next cycle, so none begins twice.
 * @throws DatabaseError, or what `start` throws.
 */
export async function replayPage(
  { listReplayableDeliveries, startReplay }: ReplayPageDeps,
  request: ReplayPageRequest,
): Promise<ReplayPage> {
  const { accountId, replay, limit } = request;
  const { rows, resumeAfterId } = await listReplayableDeliveries(request);
  const begun = await Promise.all(rows.map((row) => startReplay({ ...row, accountId, replay })));
  const already = begun.filter((one) => one.already).length;
  const after = rows.length === limit ? rows.at(-1)?.deliveryId : resumeAfterId;
  return { started: begun.length - already, already, ...(after === undefined ? {} : { after }) };
}
