import type { BulkActivities } from '../../activities/create-bulk-activities.js';
import type {
  CancelForDeletedWebhookInput,
  ReplayPageRequest,
  ReplayTaskInput,
} from '../../contracts/workflows/replay-deliveries.js';
import { ACCOUNT } from './workflow-world.js';

/** A task over these deliveries, of which each page has one, and the activities that it needs. */
export function aTask(deliveryIds: readonly string[], more: Partial<ReplayTaskInput> = {}) {
  const asked: ReplayPageRequest[] = [];
  const activities: BulkActivities = {
    replayPage: (request) => {
      asked.push(request);
      const next = deliveryIds[request.after === undefined ? 0 : deliveryIds.indexOf(request.after) + 1];
      const none = { started: 0, already: 0 };
      return Promise.resolve(next === undefined ? none : { started: 1, already: 0, after: next });
    },
    endPage: () => Promise.resolve({}),
  };
  const input: ReplayTaskInput = {
    accountId: ACCOUNT,
    filter: { statuses: ['dead_lettered'], fromMs: 0, toMs: 1_000 },
    ratePerSecond: 50,
    requestedAtMs: 1_000,
    replay: { requestedBy: 'support', reason: 'endpoint repaired' },
    ...more,
  };
  return { activities, input, asked };
}

/** Pages of deliveries that wait for a deleted webhook, one delivery per page, and the recorded requests. */
export function endingPages(deliveryIds: readonly string[]) {
  const asked: CancelForDeletedWebhookInput[] = [];
  const activities: BulkActivities = {
    replayPage: () => Promise.resolve({ started: 0, already: 0 }),
    endPage: (request) => {
      asked.push(request);
      const next = deliveryIds[request.after === undefined ? 0 : deliveryIds.indexOf(request.after) + 1];
      return Promise.resolve(next === undefined ? {} : { after: next });
    },
  };
  return { activities, asked };
}
