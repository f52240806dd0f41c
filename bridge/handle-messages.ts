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
  /** Fills the prefetch cache of the first attempts. */
  readonly storeDeliveries: (deliveries: readonly ReadyDelivery[]) => void;
}

interface RecordableMessage {
  readonly pulled: PulledMessage;
  readonly toRecord: MessageToRecord;
}

/**
 * Records a micro-batch, starts its workflows and acknowledges its messages. Calls `onRecorded` when its rows are written or have
 * failed. Never throws: a message that fails is returned to the stream or rejected.
 */
export async function handleMessages(
  deps: HandleMessagesDeps,
  batch: readonly BufferedMessage[],
  onRecorded: () => void,
): Promise<void> {
  const recordable: RecordableMessage[] = [];
  const rejected: Promise<void>[] = [];
  for (const { pulled, decoded } of batch) {
    if (decoded.ok) recordable.push({ pulled, toRecord: buildMessageToRecord(decoded.message, pulled) });
    else rejected.push(acknowledgeMessage(deps, pulled, { verdict: { stage: 'decode' }, problems: decoded.problems }));
  }
  await Promise.all([...rejected, recordAndStart(deps, recordable, onRecorded)]);
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

/** Records all messages with one statement, then starts their workflows. */
async function recordAndStart(
  deps: HandleMessagesDeps,
  batch: readonly RecordableMessage[],
  onRecorded: () => void,
): Promise<void> {
  if (batch.length === 0) {
    onRecorded();
    return;
  }
  let recorded: RecordedDelivery[];
  try {
    recorded = await deps.recordDeliveries(batch.map(({ toRecord }) => toRecord));
  } catch (error) {
    await handleRecordFailure(deps, batch, classifyDatabaseError(error));
    return;
  } finally {
    onRecorded();
  }
  deps.storeDeliveries(recorded.flatMap((entry) => (entry.kind === 'ready' ? [entry.delivery] : [])));
  await Promise.all(batch.map((message) => startMessage(deps, message, selectOwnDeliveries(message, recorded))));
}

/** A refused batch is halved until the message that causes the refusal is alone. The other messages are recorded. */
async function handleRecordFailure(
  deps: HandleMessagesDeps,
  batch: readonly RecordableMessage[],
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

/** The whole batch has called `onRecorded`: the next micro-batch does not wait for the halves. */
const doNothing = () => undefined;

/**
 * Two messages with the same event id in one batch differ in their times, with which their delivery ids begin. Two of the same
 * millisecond have the same delivery ids: the first start gets the deliveries, and each is delivered once.
 */
function selectOwnDeliveries(
  { toRecord: { workflowId, receivedAtMs } }: RecordableMessage,
  recorded: readonly RecordedDelivery[],
): RecordedDelivery[] {
  const own = recorded.filter(
    (entry) => entry.workflowId === workflowId && deliveryTimeMs(entry.deliveryId) === receivedAtMs,
  );
  const ready = own.filter(({ kind }) => kind === 'ready');
  return [...new Map([...own, ...ready].map((entry) => [entry.deliveryId, entry])).values()];
}

async function startMessage(
  deps: HandleMessagesDeps,
  message: RecordableMessage,
  own: readonly RecordedDelivery[],
): Promise<void> {
  const { pulled, toRecord } = message;
  let pending: PendingFirstAttempt[];
  try {
    pending = await findPendingFirstAttempts(deps, message, own);
  } catch (error) {
    await acknowledgeMessage(deps, pulled, { verdict: { stage: 'record', cause: classifyDatabaseError(error) } });
    return;
  }
  if (pending.length > 0) {
    await startAndAcknowledge(deps, pulled, { ...toRecord, ...groupByWebhook(pending) });
    return;
  }
  await acknowledgeMessage(deps, pulled, { verdict: { stage: 'done' }, result: classifyWithoutStart(pulled, own) });
}

/**
 * The insert returned the rows of a new message. A message that was handled before may have left rows without a started workflow;
 * these are read from the database.
 */
async function findPendingFirstAttempts(
  deps: HandleMessagesDeps,
  { pulled, toRecord }: RecordableMessage,
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

function groupByWebhook(pending: readonly PendingFirstAttempt[]): Pick<DeliveryToStart, 'endpoints' | 'eventTypes'> {
  const byWebhook = new Map<string, string[]>();
  for (const { webhookId, deliveryId } of pending)
    byWebhook.set(webhookId, [...(byWebhook.get(webhookId) ?? []), deliveryId]);
  return {
    endpoints: [...byWebhook].map(([webhookId, deliveryIds]) => ({ webhookId, deliveryIds })),
    eventTypes: [...new Set(pending.map(({ eventType }) => eventType))],
  };
}
