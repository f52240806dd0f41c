import type { Client } from '@temporalio/client';
import { buildSearchAttributes } from '../contracts/workflows/search-attributes.js';
import type { Database } from '../db/client.js';
import { insertTestDelivery, type TestEvent } from '../db/delivery-path/insert-test-delivery.js';
import { setOutcomes } from '../db/delivery-path/set-outcomes.js';
import { testWorkflowId } from '../domain/delivery/workflow-id.js';
import { uuidV7 } from '../domain/security/uuid-v7.js';
import type { testWebhook } from '../workflows/index.js';
import { callTemporal } from './ask-temporal.js';
import { TemporalUnavailable } from './temporal-unavailable.js';

export interface TestWebhookRequest {
  readonly accountId: string;
  readonly webhookId: string;
  readonly event: TestEvent;
}

/**
 * Sends a test event and returns the id of its delivery, which may still be running; `undefined` when the account has no such
 * webhook.
 * @throws TemporalUnavailable, DatabaseError; then no request is sent.
 */
export type TestWebhook = (request: TestWebhookRequest) => Promise<string | undefined>;

export interface TestWebhookDeps {
  readonly client: Client;
  readonly db: Database;
  readonly taskQueue: string;
}

/** Milliseconds. The workflow starts within 5 s or not at all, its attempt starts within 4 s, and a request lasts 5 s at most. */
const RESULT_TIMEOUT_MS = 12_000;

/** Starts a workflow with one attempt and waits for it. Temporal holds ids only: the event is in the row. */
export function createTestWebhook({ client, db, taskQueue }: TestWebhookDeps): TestWebhook {
  return async ({ accountId, webhookId, event }) => {
    const deliveryId = uuidV7(Date.now());
    const workflowId = testWorkflowId(accountId, deliveryId);
    if (!(await insertTestDelivery(db, accountId, { ...event, deliveryId, webhookId, workflowId }))) return undefined;
    try {
      await callTemporal(client, () =>
        client.workflow.start<typeof testWebhook>('testWebhook', {
          workflowId,
          taskQueue,
          args: [{ accountId, webhookId, deliveryId }],
          typedSearchAttributes: buildSearchAttributes({
            accountId,
            eventTypes: [event.eventType],
            webhookIds: [webhookId],
          }),
          staticSummary: `test: ${event.eventType} → ${webhookId}`,
        }),
      );
    } catch (error) {
      // If the workflow has started in spite of the error, it finds that the row has its outcome and sends no request.
      const canceled = { outcome: 'canceled', reason: 'test_unfinished' } as const;
      await setOutcomes(db, { accountId, deliveryIds: [deliveryId], cycle: 0, ...canceled });
      throw error;
    }
    await waitForResult(client, workflowId);
    return deliveryId;
  };
}

/** Waits for the end only: the row holds the result. */
async function waitForResult(client: Client, workflowId: string): Promise<void> {
  try {
    await callTemporal(client, () => client.workflow.getHandle(workflowId).result(), RESULT_TIMEOUT_MS);
  } catch (error) {
    if (!(error instanceof TemporalUnavailable)) throw error;
  }
}
