import { createAdmission } from '../../../bridge/admission.js';
import { createBreaker } from '../../../bridge/breaker.js';
import { decodeMessage } from '../../../bridge/decode-message.js';
import { handleMessages } from '../../../bridge/handle-messages.js';
import type { PulledMessage } from '../../../bridge/pulled-message.js';
import type { DeliveryToStart, StartOutcome } from '../../../bridge/start-delivery.js';
import type { MessageDeadLetter } from '../../../contracts/bus/dead-letter.js';
import type { SetOutcomesRequest } from '../../../db/delivery-path/set-outcomes.js';
import type { RecordedDelivery } from '../../../db/delivery-path/to-recorded-delivery.js';
import type { MessageKey, MessageToRecord } from '../../../db/delivery-path/record-deliveries.js';
import type { PendingFirstAttempt } from '../../../db/delivery-path/recorded-deliveries.js';
import { firstDeliveryIdAt } from '../../../domain/delivery/delivery-id.js';
import { eventWorkflowId } from '../../../domain/delivery/workflow-id.js';

const accountId = '11111111-2222-4333-8444-555555555555';
const RECEIVED_AT_MS = 1_000;

export interface TestMessage extends Omit<PulledMessage, 'acknowledge' | 'returnAfter' | 'extendAckWait'> {
  name: string;
}

interface MessageOptions extends Partial<Pick<PulledMessage, 'sequence' | 'deliveryCount' | 'receivedAtMs'>> {
  raw?: string;
  /** Event ids; makes the message a batch. */
  events?: string[];
}

/** A message of one event with this id; `options` replace its parts. */
export function message(name: string, options: MessageOptions = {}): TestMessage {
  const { raw, events, ...rest } = options;
  const event = (id: string) => {
    return { id, accountId, type: 'message.delivered', timestamp: '2026-11-23T10:00:00Z', data: {} };
  };
  const data = Buffer.from(raw ?? JSON.stringify(events === undefined ? event(name) : events.map(event)));
  return { name, data, sequence: 1, deliveryCount: 1, receivedAtMs: RECEIVED_AT_MS, ...rest };
}

/** A readable delivery id with the time bits that the database would use. */
export const delivery = (eventId: string, webhookId: string, receivedAtMs = RECEIVED_AT_MS): string =>
  `${firstDeliveryIdAt(receivedAtMs).slice(0, 14)}${eventId}-${webhookId}`;

export function ready(message: MessageToRecord | undefined, webhookId: string, event?: string): RecordedDelivery {
  if (message === undefined) throw new Error('a message was expected');
  const { workflowId, receivedAtMs } = message;
  const eventId = event ?? message.events[0]?.eventId ?? '';
  const deliveryId = delivery(eventId, webhookId, receivedAtMs);
  const rest = { eventType: 'message.delivered', body: '{}', url: 'https://a.example.com/', slow: false };
  const health = { revision: 1, shouldNoteSuccess: false, shouldNoteFailure: false };
  const secret = { secretEnc: Buffer.alloc(0), secretVersion: 1, rateLimit: null, ...health };
  const readyDelivery = { deliveryId, accountId, webhookId, eventId, workflowId, ...rest, ...secret };
  return { kind: 'ready', deliveryId, workflowId, delivery: readyDelivery };
}

const withoutRow = (kind: 'skipped' | 'known') => (eventId: string, webhookId: string) => {
  return { kind, deliveryId: delivery(eventId, webhookId), workflowId: eventWorkflowId(accountId, eventId) };
};
export const skipped = withoutRow('skipped');
export const known = withoutRow('known');

interface Answers {
  recordDeliveries: (messages: readonly MessageToRecord[]) => RecordedDelivery[];
  listPendingFirstAttempts: (key: MessageKey) => PendingFirstAttempt[];
  discardRecordedDeliveries: (key: MessageKey) => number;
  startDelivery: (delivery: DeliveryToStart) => StartOutcome;
  publish: (letter: MessageDeadLetter) => void;
  acknowledge: () => boolean;
  returnAfter: () => void;
}

const usual: Answers = {
  recordDeliveries: () => [],
  listPendingFirstAttempts: () => [],
  discardRecordedDeliveries: () => 1,
  startDelivery: () => 'started_here',
  publish: () => undefined,
  acknowledge: () => true,
  returnAfter: () => undefined,
};

/** The bridge with fake dependencies, and their calls in order. */
export function createBridge(answers: Partial<Answers>) {
  const give = { ...usual, ...answers };
  const calls: string[] = [];
  const started: DeliveryToStart[] = [];
  const deadLetters: MessageDeadLetter[] = [];
  const ended: Record<number, string> = {};
  const admission = createAdmission(100);
  const breaker = createBreaker(Date.now);
  const nameOf = ({ workflowId }: { workflowId: string }) => workflowId.slice(`wh-${accountId}-`.length);
  const deps = {
    stream: 'STREAM',
    admission,
    breaker,
    recordDeliveries: async (messages: readonly MessageToRecord[]) => {
      calls.push(`record ${messages.map(nameOf).join(' ')}`);
      return await Promise.resolve(give.recordDeliveries(messages));
    },
    listPendingFirstAttempts: async (key: MessageKey) => {
      calls.push(`listPending ${nameOf(key)}`);
      return await Promise.resolve(give.listPendingFirstAttempts(key));
    },
    discardRecordedDeliveries: async (key: MessageKey) => {
      calls.push(`discard ${nameOf(key)}`);
      return await Promise.resolve(give.discardRecordedDeliveries(key));
    },
    setOutcomes: async ({ deliveryIds, reason }: SetOutcomesRequest) => {
      calls.push(`setOutcomes ${deliveryIds.join(' ')} ${reason}`);
      return await Promise.resolve(deliveryIds.length);
    },
    storeDeliveries: (deliveries: readonly unknown[]) =>
      void calls.push(`storeDeliveries ${String(deliveries.length)}`),
    startDelivery: async (toStart: DeliveryToStart) => {
      calls.push(`start ${nameOf(toStart)}`);
      started.push(toStart);
      return await Promise.resolve(give.startDelivery(toStart));
    },
    announceFirstAttempts: (toStart: DeliveryToStart) => {
      let isStarted = false;
      return {
        startAttempts: () => {
          isStarted = true;
          calls.push(`startAttempts ${nameOf(toStart)}`);
        },
        withdraw: () => {
          if (!isStarted) calls.push(`withdraw ${nameOf(toStart)}`);
        },
      };
    },
    publishMessageDeadLetter: async (letter: MessageDeadLetter) => {
      calls.push('deadLetter');
      deadLetters.push(letter);
      await Promise.resolve(give.publish(letter));
    },
    countMessage: (result: string) => void calls.push(`count ${result}`),
    log: () => undefined,
  };
  const pulled = ({ name, ...rest }: TestMessage): PulledMessage => {
    const called = rest.data.length > 20 ? name : String(rest.sequence);
    return {
      ...rest,
      acknowledge: async (kind) => {
        calls.push(`acknowledge ${called} ${kind}`);
        ended[rest.sequence] = kind;
        return await Promise.resolve(give.acknowledge());
      },
      returnAfter: () => {
        calls.push(`returnAfter ${called}`);
        give.returnAfter();
      },
      extendAckWait: () => undefined,
    };
  };
  const handle = async (...messages: TestMessage[]) => {
    const batch = messages.map((each) => ({ pulled: pulled(each), decoded: decodeMessage(each.data) }));
    for (const { pulled } of batch) admission.enter(pulled, 1);
    let recorded = 0;
    await handleMessages(deps, batch, () => (recorded += 1));
    if (recorded !== 1) throw new Error(`the next micro-batch was let in ${String(recorded)} times`);
  };
  return { handle, calls, started, deadLetters, ended, admission, breaker };
}
