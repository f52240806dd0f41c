import type { ReplayRequest } from '../contracts/workflows/deliver-webhook.js';
import type { ReplayPage, ReplayPageRequest } from '../contracts/workflows/replay-deliveries.js';
import type { DeliveryRow } from '../db/queries/deliveries.js';
import type { DeliverySearchPage } from '../db/queries/search-deliveries.js';

export interface ReplayPageDeps {
  readonly listReplayableDeliveries: (request: ReplayPageRequest) => Promise<DeliverySearchPage>;
  /** Starts the delivery's next cycle. `already`: the cycle was started before. */
  readonly startReplay: (
    delivery: DeliveryRow & { accountId: string; replay: ReplayRequest },
  ) => Promise<{ already: boolean }>;
}

/**
 * Starts the replays of one page. The workflow id contains the cycle, so a run after a crash starts no replay twice: it counts
 * the existing ones as `already`.
 * @throws DatabaseError, and every error of `startReplay`.
 */
export async function replayPage(
  { listReplayableDeliveries, startReplay }: ReplayPageDeps,
  request: ReplayPageRequest,
): Promise<ReplayPage> {
  const { accountId, replay, limit } = request;
  const { rows, resumeAfterId } = await listReplayableDeliveries(request);
  const replays = await Promise.all(rows.map((row) => startReplay({ ...row, accountId, replay })));
  const already = replays.filter((started) => started.already).length;
  const after = rows.length === limit ? rows.at(-1)?.deliveryId : resumeAfterId;
  return { started: replays.length - already, already, ...(after === undefined ? {} : { after }) };
}
