import { continueAsNew, sleep } from '@temporalio/workflow';
import type { CancelForDeletedWebhookInput } from '../contracts/workflows/replay-deliveries.js';
import { bulkActivities } from './activity-proxies.js';

/** Keeps a run's history far below Temporal's limit; the next run continues from the last page. */
const PAGES_PER_RUN = 200;
/** After each page of a hundred deliveries: this work is not urgent, and first attempts of other endpoints are. */
const PAUSE = '1 second';

/** Cancels the waiting deliveries of a deleted webhook now. Their next attempt would do it too, but may be a day away. */
export async function cancelForDeletedWebhook(input: CancelForDeletedWebhookInput): Promise<void> {
  const { accountId, webhookId } = input;
  const { endPage } = bulkActivities(accountId);
  let next = toPageRequest(accountId, webhookId, input.after);
  for (let pages = 0; pages < PAGES_PER_RUN; pages += 1) {
    const { after } = await endPage(next);
    if (after === undefined) return;
    next = toPageRequest(accountId, webhookId, after);
    await sleep(PAUSE);
  }
  await continueAsNew<typeof cancelForDeletedWebhook>(next);
}

const toPageRequest = (
  accountId: string,
  webhookId: string,
  after: string | undefined,
): CancelForDeletedWebhookInput => ({ accountId, webhookId, ...(after === undefined ? {} : { after }) });
