import type { ReadyDelivery, RecordedDelivery } from '../db/delivery-path/to-recorded-delivery.js';
import type { MessageKey, MessageToRecord } from '../db/delivery-path/record-deliveries.js';
import type { PendingFirstAttempt } from '../db/delivery-path/recorded-deliveries.js';
import { type DatabaseErrorKind, classifyDatabaseError, TRANSIENT_KINDS } from '../db/errors.js';
import { deliveryTimeMs } from '../domain/delivery/delivery-id.js';
import { eventSetDigest } from '../domain/security/event-set-digest.js';
import { batchWorkflowId, eventWorkflowId } from '../domain/delivery/workflow-id.js';
import { acknowledgeMessage, type MessageResult } from './acknowledge.js';
import type { DecodedMessage } from './decode-message.js';
import type { PulledMessage } from './pulled-message.js';
import type { DeliveryToStart } from './start-delivery.js';
import { startAndAcknowledge, type StartAndAcknowledgeDeps } from './start-and-acknowledge.js';
import type { BufferedMessage } from './prefetch-buffer.js';

export interface HandleMessagesDeps extends StartAndAcknowledgeDeps {
  readonly recordDeliveries: (messages: readonly MessageToRecord[]) => Promise<RecordedDelivery[]>;
  readonly listPendingFirstAttempts: (message: MessageKey) => Promise<PendingFirstAttempt[]>;
  readonly storeDeliveries: (deliveries: readonly ReadyDelivery[]) => void;
}

interface Recordable {
  readonly pulled: PulledMessage;
  readonly toRecord: MessageToRecord;
}

/**
 * Takes a micro-batch to its acknowledgements. Calls `recorded` when its rows are written, or cannot be. Never throws:
 * whatever fails is given back to the stream.
 */
export async function handleMessages(
  deps: HandleMessagesDeps,
  arrivals: readonly BufferedMessage[],
  recorded: () => void,
): Promise<void> {
  const recordable: Recordable[] = [];
  const ended: Promise<void>[] = [];
  for (const { pulled, decoded } of arrivals) {
    if (decoded.ok) recordable.push({ pulled, toRecord: buildMessageToRecord(decoded.message, pulled) });
    else ended.push(acknowledgeMessage(deps, pulled, { verdict: { stage: 'decode' }, problems: decoded.problems }));
  }
  await Promise.all([...ended, recordAndStart(deps, recordable, recorded)]);
}

function buildMessageToRecord(
  { accountId, raw, batch, events }: DecodedMessage,
  { receivedAtMs }: PulledMessage,
): MessageToRecord {
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
    recorded = await deps.recordDeliveries(batch.map(({ toRecord }) => toRecord));
  } catch (error) {
    await recordFailed(deps, batch, classifyDatabaseError(error));
    return;
  } finally {
    done();
  }
  deps.storeDeliveries(recorded.flatMap((entry) => (entry.kind === 'ready' ? [entry.delivery] : [])));
  await Promise.all(batch.map((message) => startMessage(deps, message, selectOwnDeliveries(message, recorded))));
}

async function recordFailed(
  deps: HandleMessagesDeps,
  batch: readonly Recordable[],
  cause: DatabaseErrorKind,
): Promise<void> {
  if (!TRANSIENT_KINDS.has(cause) && batch.length > 1) {
    const middle = Math.ceil(batch.length / 2);
    await recordAndStart(deps, batch.slice(0, middle), doNothing);
    await recordAndStart(deps, batch.slice(middle), doNothing);
    return;
  }
  const problems = [{ path: '', problem: 'a value that cannot be stored' }];
  await Promise.all(
    batch.map(({ pulled }) => acknowledgeMessage(deps, pulled, { verdict: { stage: 'record', cause }, problems })),
  );
}

/** The next micro-batch did not wait for the halves. */
const doNothing = () => undefined;

/**
 * Two messages with the same event id in one batch are told apart by their times, which their delivery ids begin with.
 * Those of the same millisecond have the same deliveries: whoever starts first has them, and each once.
 */
function selectOwnDeliveries(
  { toRecord: { workflowId, receivedAtMs } }: Recordable,
  recorded: readonly RecordedDelivery[],
) {
  const own = recorded.filter(
    (entry) => entry.workflowId === workflowId && deliveryTimeMs(entry.deliveryId) === receivedAtMs,
  );
  const ready = own.filter(({ kind }) => kind === 'ready');
  return [...new Map([...own, ...ready].map((entry) => [entry.deliveryId, entry])).values()];
}

async function startMessage(
  deps: HandleMessagesDeps,
  message: Recordable,
  own: readonly RecordedDelivery[],
): Promise<void> {
  const { pulled, toRecord } = message;
  let waiting: PendingFirstAttempt[];
  try {
    waiting = await findPendingFirstAttempts(deps, message, own);
  } catch (error) {
    await acknowledgeMessage(deps, pulled, { verdict: { stage: 'record', cause: classifyDatabaseError(error) } });
    return;
  }
  if (waiting.length > 0) {
    await startAndAcknowledge(deps, pulled, { ...toRecord, ...groupByWebhook(waiting) });
    return;
  }
  await acknowledgeMessage(deps, pulled, { verdict: { stage: 'done' }, result: classifyWithoutStart(pulled, own) });
}

/** Just-recorded rows are at hand. A message that was here before may have left rows behind whose workflow never started. */
async function findPendingFirstAttempts(
  deps: HandleMessagesDeps,
  { pulled, toRecord }: Recordable,
  own: readonly RecordedDelivery[],
): Promise<PendingFirstAttempt[]> {
  if (pulled.deliveryCount > 1 || own.some(({ kind }) => kind === 'known'))
    return await deps.listPendingFirstAttempts(toRecord);
  return own.flatMap((entry) => (entry.kind === 'ready' ? [entry.delivery] : []));
}

function classifyWithoutStart({ deliveryCount }: PulledMessage, own: readonly RecordedDelivery[]): MessageResult {
  if (own.some(({ kind }) => kind === 'known') && deliveryCount > 1) return 'redelivered';
  if (own.some(({ kind }) => kind === 'skipped')) return 'skipped';
  return own.length > 0 ? 'duplicate' : 'unmatched';
}

function groupByWebhook(waiting: readonly PendingFirstAttempt[]): Pick<DeliveryToStart, 'endpoints' | 'eventTypes'> {
  const byWebhook = new Map<string, string[]>();
  for (const { webhookId, deliveryId } of waiting)
    byWebhook.set(webhookId, [...(byWebhook.get(webhookId) ?? []), deliveryId]);
  return {
    endpoints: [...byWebhook].map(([webhookId, deliveryIds]) => ({ webhookId, deliveryIds })),
    eventTypes: [...new Set(waiting.map(({ eventType }) => eventType))],
  };
}
