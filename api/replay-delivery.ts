import { isGrpcServiceError, ServiceError, type Client } from '@temporalio/client';
import {
  defineSearchAttributeKey,
  SearchAttributeType,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  type SearchAttributePair,
} from '@temporalio/common';
import type { DeliverWebhookInput } from '../contracts/delivery.js';
import type { SEARCH_ATTRIBUTES } from '../contracts/search-attributes.js';
import type { Database } from '../db/client.js';
import { findDelivery, type DeliveryRow } from '../db/deliveries.js';
import { replayWorkflowId } from '../domain/delivery/workflow-id.js';
import type { deliverWebhook } from '../workflows/index.js';
import { ProblemError } from './problem-error.js';

export interface ReplayAsked {
  readonly accountId: string;
  readonly deliveryId: string;
  /** Both are stored in Temporal in plain text: no personal data. */
  readonly requestedBy: string;
  readonly reason: string;
}

export interface ReplayAccepted {
  /** `replaying`: a new cycle began; `woken`: the running one makes its next attempt now. */
  readonly kind: 'replaying' | 'woken';
  readonly workflowId: string;
}

/** `undefined` when the account has no such delivery. */
export type ReplayDelivery = (asked: ReplayAsked) => Promise<ReplayAccepted | undefined>;

export interface ReplayDependencies {
  readonly client: Client;
  readonly db: Database;
  readonly taskQueue: string;
  /** Delay in milliseconds before each attempt of the new cycle. */
  readonly schedule: readonly number[];
}

/** Milliseconds for a call to Temporal with its retries. */
const DEADLINE_MS = 5_000;

/**
 * Sends a settled delivery again, or wakes one that waits. Asking twice at once gives one replay: its workflow id is that of
 * the next cycle.
 *
 * @throws ProblemError `unavailable` when Temporal does not answer; ServiceError when it refuses; DatabaseError.
 */
export function createReplayDelivery(dependencies: ReplayDependencies): ReplayDelivery {
  const { client, db } = dependencies;
  return async (asked) => {
    const row = await findDelivery(db, asked.accountId, asked.deliveryId);
    if (row === undefined) return undefined;
    try {
      return await client.withDeadline(Date.now() + DEADLINE_MS, () => replayOrWake(dependencies, asked, row));
    } catch (error) {
      throw isAway(error) ? new ProblemError('unavailable') : error;
    }
  };
}

/** gRPC: canceled, deadline exceeded, resource exhausted, unavailable. Anything else is a request that never will pass. */
const AWAY = [1, 4, 8, 14];

function isAway(error: unknown): boolean {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) && AWAY.includes(cause.code);
}

async function replayOrWake(dependencies: ReplayDependencies, asked: ReplayAsked, row: DeliveryRow) {
  if (row.outcome === null && (await wake(dependencies.client, row))) {
    return { kind: 'woken', workflowId: row.workflowId } as const;
  }
  // Settled, or left behind by a workflow that was terminated: nobody else works on it any more.
  const latest = (await findDelivery(dependencies.db, asked.accountId, asked.deliveryId)) ?? row;
  if (isSameClick(latest, Date.now())) return { kind: 'replaying', workflowId: latest.workflowId } as const;
  return { kind: 'replaying', workflowId: await startReplay(dependencies, asked, latest) } as const;
}

const SAME_CLICK_MS = 5_000;

/** A replay often succeeds before the second half of a double click arrives: what was delivered just now is not sent again. */
const isSameClick = ({ cycle, outcome, finishedAt }: DeliveryRow, nowMs: number): boolean =>
  cycle > 0 && outcome === 'delivered' && finishedAt !== null && nowMs - finishedAt.getTime() < SAME_CLICK_MS;

/** False when no workflow runs that would listen. */
async function wake(client: Client, { workflowId, webhookId }: DeliveryRow): Promise<boolean> {
  try {
    await client.workflow.getHandle(workflowId).signal('retryNow', webhookId);
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

async function startReplay(dependencies: ReplayDependencies, asked: ReplayAsked, row: DeliveryRow): Promise<string> {
  const { client, taskQueue, schedule } = dependencies;
  const cycle = row.cycle + 1;
  const workflowId = replayWorkflowId(asked.accountId, row.deliveryId, cycle);
  const input: DeliverWebhookInput = {
    accountId: asked.accountId,
    endpoints: [{ webhookId: row.webhookId, deliveryIds: [row.deliveryId] }],
    schedule: [...schedule],
    cycle,
    attemptsBefore: row.attemptNumber,
    replay: { requestedBy: asked.requestedBy, reason: asked.reason },
  };
  try {
    await client.workflow.start<typeof deliverWebhook>('deliverWebhook', {
      workflowId,
      taskQueue,
      // A replay that ended without an attempt, at a disabled endpoint, left no row of its cycle. One that did leave rows
      // finds them and posts nothing again.
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      workflowIdConflictPolicy: 'FAIL',
      args: [input],
      typedSearchAttributes: searchAttributesOf(asked.accountId, row),
      staticSummary: `replay ${cycle}: ${row.eventType} → ${row.webhookId}`,
    });
  } catch (error) {
    // Somebody else asked at the same moment: it is the same replay.
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
  return workflowId;
}

/** The compiler holds the names against the ones that `setup` registers. */
const key = <Name extends keyof typeof SEARCH_ATTRIBUTES>(name: Name, type: (typeof SEARCH_ATTRIBUTES)[Name]) =>
  defineSearchAttributeKey(name, type);
const KEYS = {
  accountId: key('AccountId', SearchAttributeType.KEYWORD),
  eventTypes: key('EventTypes', SearchAttributeType.KEYWORD_LIST),
  webhookIds: key('WebhookIds', SearchAttributeType.KEYWORD_LIST),
};

const searchAttributesOf = (accountId: string, { eventType, webhookId }: DeliveryRow): SearchAttributePair[] => [
  { key: KEYS.accountId, value: accountId },
  { key: KEYS.eventTypes, value: [eventType] },
  { key: KEYS.webhookIds, value: [webhookId] },
];
