import { continueAsNew, sleep } from '@temporalio/workflow';
import type { CancelForDeletedWebhookInput } from '../contracts/workflows/replay-deliveries.js';
import { bulkActivities } from './bulk-activities.js';

/** A run stays far below what a history may hold. */
const PAGES_A_RUN = 200;
/** Between pages of a hundred: whoever deletes a webhook may wait, first attempts of others may not. */
const PAUSE = '1 second';

/** A webhook was deleted: what waits for it ends now and not at its next attempt, which may be a day away. */
export async function cancelForDeletedWebhook({
  accountId,
  webhookId,
  after,
}: CancelForDeletedWebhookInput): Promise<void> {
  const { endPage } = bulkActivities(accountId);
  let next = after;
  for (let page = 0; page < PAGES_A_RUN; page += 1) {
    const ended = await endPage({ accountId, webhookId, ...(next === undefined ? {} : { after: next }) });
    if (ended.after === undefined) return;
    next = ended.after;
    await sleep(PAUSE);
  }
  await continueAsNew<typeof cancelForDeletedWebhook>({
    accountId,
    webhookId,
    ...(next === undefined ? {} : { after: next }),
  });
}
