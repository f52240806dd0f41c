import { RETRY_NOW_SIGNAL } from '../../domain/delivery/workflow-names.js';
import type { Client } from '@temporalio/client';
import type { ActivityDeps } from '../../activities/index.js';
import type { BulkDeps } from '../../activities/create-bulk-activities.js';
import type { DispatcherConfig } from '../../config/load-dispatcher-config.js';
import { isJustRecorded } from '../../control/is-just-recorded.js';
import { signalWorkflow } from '../../control/signal-workflow.js';
import { startReplay } from '../../control/start-replay.js';
import type { Database } from '../../db/client.js';
import { listDeliveries } from '../../db/queries/list-deliveries.js';
import { listReplayableDeliveries } from '../../db/queries/replayable-deliveries.js';

interface BulkWiringDeps {
  readonly config: Pick<DispatcherConfig, 'delivery' | 'temporal'>;
  readonly db: Database;
  readonly client: Client;
  readonly deps: Pick<ActivityDeps, 'setOutcomes' | 'report'>;
}

export function createBulkDeps({ config, db, client, deps }: BulkWiringDeps): BulkDeps {
  const replayDeps = { client, taskQueue: config.temporal.taskQueue, schedule: config.delivery.schedule };
  return {
    listReplayableDeliveries: (query) => listReplayableDeliveries(db, query),
    startReplay: (delivery) => startReplay(replayDeps, delivery),
    listWaiting: ({ accountId, ...filter }) => listDeliveries(db, accountId, { ...filter, status: 'waiting' }),
    wakeEndpoint: ({ workflowId, webhookId }) =>
      signalWorkflow(client, { workflowId, name: RETRY_NOW_SIGNAL, args: [webhookId] }),
    isJustRecorded: (delivery) => isJustRecorded(delivery, Date.now()),
    setOutcomes: deps.setOutcomes,
    report: deps.report,
  };
}
