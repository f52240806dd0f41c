import type { ReadyDelivery, RecordedDelivery } from '../db/delivery-path/recorded-delivery.js';
import type { MessageKey, MessageToRecord } from '../db/delivery-path/record-deliveries.js';
import type { WaitingDelivery } from '../db/delivery-path/recorded-deliveries.js';
import { type DatabaseErrorKind, kindOfFailure, PASSING } from '../db/errors.js';
import { deliveryTimeMs } from '../domain/delivery/delivery-id.js';
import { eventSetDigest } from '../domain/security/event-set-digest.js';
import { batchWorkflowId, eventWorkflowId } from '../domain/delivery/workflow-id.js';
import { conclude, type MessageResult } from './acknowledge.js';
import type { DecodedMessage } from './decode-message.js';
import type { PulledMessage } from './pulled-message.js';
import type { DeliveryToStart } from './start-delivery.js';
import { startWorkflow, type StartWorkflowDeps } from './start-workflow.js';
import type { Arrival } from './prefetch-buffer.js';

export interface HandleMessagesDeps extends StartWorkflowDeps {
  record: (messages: readonly MessageToRecord[]) => Promise<RecordedDelivery[]>;
  waitingOf: (message: MessageKey) => Promise<WaitingDelivery[]>;
  handOver: (deliveries: readonly ReadyDelivery[]) => void;
}

interface Recordable {
  pulled: PulledMessage;
  toRecord: MessageToRecord;
}

/**
 * Takes a micro-batch to its acknowledgements. Calls `recorded` when its rows are written, or cannot be. Never throws:
 * whatever fails is given back to the stream.
 */
export async function handleMessages(
  deps: HandleMessagesDeps,
  arrivals: readonly Arrival[],
  recorded: () => void,
): Promise<void> {
  const recordable: Recordable[] = [];
  const ended: Promise<void>[] = [];
  for (const { pulled, decoded } of arrivals) {
    if (decoded.ok) recordable.push({ pulled, toRecord: toRecord(decoded.message, pulled) });
    else ended.push(conclude(deps, pulled, { verdict: { stage: 'decode' }, problems: decoded.problems }));
  }
  await Promise.all([...ended, recordAndStart(deps, recordable, recorded)]);
}

function toRecord({ accountId, raw, batch, events }: DecodedMessage, { receivedAtMs }: PulledMessage): MessageToRecord {
  const workflowId = batch
    ? batchWorkflowId(accountId, eventSetDigest(events.map(({ eventId }) => eventId)))
    : eventWorkflowId(accountId, events[0]?.eventId ?? '');
  return { accountId, workflowId, receivedAtMs, raw, events };
}

/** One statement for all. The one message that made it fail is found by halving. */
async function recordAndStart(deps: HandleMessagesDeps, batch: readonly Recordable[], done: () => void): Promise<void> {
  let recorded: RecordedDelivery[];
  if (batch.length === 0) {
    done();
    return;
  }
  try {
    recorded = await deps.record(batch.map(({ toRecord }) => toRecord));
  } catch (error) {
    await recordFailed(deps, batch, kindOfFailure(error));
    return;
  } finally {
    done();
  }
  deps.handOver(recorded.flatMap((entry) => (entry.kind === 'ready' ? [entry.delivery] : [])));
  await Promise.all(batch.map((message) => startOne(deps, message, ownOf(message, recorded))));
}

async function recordFailed(
  deps: HandleMessagesDeps,
  batch: readonly Recordable[],
  cause: DatabaseErrorKind,
): Promise<void> {
  if (!PASSING.has(cause) && batch.length > 1) {
    const middle = Math.ceil(batch.length / 2);
    await recordAndStart(deps, batch.slice(0, middle), nobody);
    await recordAndStart(deps, batch.slice(middle), nobody);
    return;
  }
  const problems = [{ path: '', problem: 'a value that cannot be stored' }];
  await Promise.all(
    batch.map(({ pulled }) => conclude(deps, pulled, { verdict: { stage: 'record', cause }, problems })),
  );
}

/** The next micro-batch did not wait for the halves. */
const nobody = () => undefined;

/**
 * Two messages with the same event id in one batch are told apart by their times, which their delivery ids begin with.
 * Those of the same millisecond have the same deliveries: whoever starts first has them, and each once.
 */
function ownOf({ toRecord: { workflowId, receivedAtMs } }: Recordable, recorded: readonly RecordedDelivery[]) {
  const own = recorded.filter(
    (entry) => entry.workflowId === workflowId && deliveryTimeMs(entry.deliveryId) === receivedAtMs,
  );
  const ready = own.filter(({ kind }) => kind === 'ready');
  return [...new Map([...own, ...ready].map((entry) => [entry.deliveryId, entry])).values()];
}

async function startOne(
  deps: HandleMessagesDeps,
  message: Recordable,
  own: readonly RecordedDelivery[],
): Promise<void> {
  const { pulled, toRecord } = message;
  let waiting: WaitingDelivery[];
  try {
    waiting = await waitingDeliveries(deps, message, own);
  } catch (error) {
    await conclude(deps, pulled, { verdict: { stage: 'record', cause: kindOfFailure(error) } });
    return;
  }
  if (waiting.length > 0) {
    await startWorkflow(deps, pulled, { ...toRecord, ...grouped(waiting) });
    return;
  }
  await conclude(deps, pulled, { verdict: { stage: 'done' }, result: resultWithoutStart(pulled, own) });
}

/** Just-recorded rows are at hand. A message that was here before may have left rows behind whose workflow never started. */
async function waitingDeliveries(
  deps: HandleMessagesDeps,
  { pulled, toRecord }: Recordable,
  own: readonly RecordedDelivery[],
): Promise<WaitingDelivery[]> {
  if (pulled.deliveryCount > 1 || own.some(({ kind }) => kind === 'known')) return await deps.waitingOf(toRecord);
  return own.flatMap((entry) => (entry.kind === 'ready' ? [entry.delivery] : []));
}

function resultWithoutStart({ deliveryCount }: PulledMessage, own: readonly RecordedDelivery[]): MessageResult {
  if (own.some(({ kind }) => kind === 'known') && deliveryCount > 1) return 'redelivered';
  if (own.some(({ kind }) => kind === 'skipped')) return 'skipped';
  return own.length > 0 ? 'duplicate' : 'unmatched';
}

function grouped(waiting: readonly WaitingDelivery[]): Pick<DeliveryToStart, 'endpoints' | 'eventTypes'> {
  const byWebhook = new Map<string, string[]>();
  for (const { webhookId, deliveryId } of waiting)
    byWebhook.set(webhookId, [...(byWebhook.get(webhookId) ?? []), deliveryId]);
  return {
    endpoints: [...byWebhook].map(([webhookId, deliveryIds]) => ({ webhookId, deliveryIds })),
    eventTypes: [...new Set(waiting.map(({ eventType }) => eventType))],
  };
}
