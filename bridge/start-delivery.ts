import { type Client, isGrpcServiceError, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { buildSearchAttributes } from '../contracts/workflows/search-attributes.js';
import type { EndpointDeliveries } from '../contracts/workflows/deliver-webhook.js';
import type { deliverWebhook } from '../workflows/index.js';

export interface DeliveryToStart {
  readonly workflowId: string;
  readonly accountId: string;
  readonly receivedAtMs: number;
  readonly endpoints: EndpointDeliveries[];
  /** Distinct. */
  readonly eventTypes: string[];
}

export type StartOutcome =
  /** The response contained the first workflow task: this process runs it. */
  | 'started_here'
  /** The first workflow task went to the task queue. */
  | 'started_elsewhere'
  /** This message had started the workflow already: it was redelivered afterwards. */
  | 'redelivered'
  /** Another message with the same event id had started the workflow. */
  | 'duplicate'
  | 'unavailable'
  | 'refused';

export interface StartDeliveryDeps {
  readonly client: Client;
  readonly taskQueue: string;
  readonly schedule: readonly number[];
}

const START_TIMEOUT_MS = 5_000;

/** Starts a message's workflow at most once. Eager start: the worker of this process gets the first task with the response. */
export async function startDelivery(deps: StartDeliveryDeps, delivery: DeliveryToStart): Promise<StartOutcome> {
  try {
    const start = () => startWorkflowExecution(deps, delivery);
    const { eagerlyStarted } = await deps.client.withDeadline(Date.now() + START_TIMEOUT_MS, start);
    return eagerlyStarted ? 'started_here' : 'started_elsewhere';
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) return classifyStartError(error);
    return await classifyAlreadyStarted(deps, delivery);
  }
}

const startWorkflowExecution = ({ client, taskQueue, schedule }: StartDeliveryDeps, delivery: DeliveryToStart) =>
  client.workflow.start<typeof deliverWebhook>('deliverWebhook', {
    workflowId: delivery.workflowId,
    taskQueue,
    requestEagerStart: true,
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    workflowIdConflictPolicy: 'FAIL',
    args: [
      {
        accountId: delivery.accountId,
        endpoints: delivery.endpoints,
        schedule: [...schedule],
        cycle: 0,
        attemptsBefore: 0,
      },
    ],
    memo: { receivedAtMs: delivery.receivedAtMs },
    staticSummary: buildSummary(delivery),
    typedSearchAttributes: buildSearchAttributes({
      accountId: delivery.accountId,
      eventTypes: delivery.eventTypes,
      webhookIds: delivery.endpoints.map(({ webhookId }) => webhookId),
    }),
  });

function buildSummary({ eventTypes, endpoints }: DeliveryToStart): string {
  const [type = '', ...others] = eventTypes;
  const types = others.length === 0 ? type : `${type} and ${String(others.length)} more types`;
  return `${types} → ${String(endpoints.length)} endpoint${endpoints.length === 1 ? '' : 's'}`;
}

/** The time at which the message entered the stream distinguishes a redelivery from another message with the same event id. */
async function classifyAlreadyStarted({ client }: StartDeliveryDeps, delivery: DeliveryToStart): Promise<StartOutcome> {
  try {
    const handle = client.workflow.getHandle(delivery.workflowId);
    const { memo } = await client.withDeadline(Date.now() + START_TIMEOUT_MS, () => handle.describe());
    return memo?.['receivedAtMs'] === delivery.receivedAtMs ? 'redelivered' : 'duplicate';
  } catch {
    return 'unavailable';
  }
}

/** google.rpc.Code */
const INVALID_ARGUMENT: number = 3;

/** The namespace was not set up (`npm run setup`): every start fails. The server uses the code of an invalid argument for it. */
const NOT_SET_UP = /no mapping defined for search attribute|search attribute \S+ is not defined/;

/** An invalid request concerns this message only. A missing namespace or permission concerns all messages and can be repaired. */
function classifyStartError(error: unknown): 'unavailable' | 'refused' {
  const cause = (error as { cause?: unknown } | null)?.cause ?? error;
  if (!isGrpcServiceError(cause) || (cause.code as number) !== INVALID_ARGUMENT) return 'unavailable';
  return NOT_SET_UP.test(cause.message) ? 'unavailable' : 'refused';
}
