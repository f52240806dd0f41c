import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  nanos,
  RetentionPolicy,
  StorageType,
  type ConsumerConfig,
  type JetStreamManager,
  type StreamConfig,
} from 'nats';
import { DAY_MS, MINUTE_MS } from '../../domain/delivery/durations.js';

const DISPATCH_SUBJECT = 'webhook.dispatch';

const NOT_FOUND = '404';

export interface StreamNames {
  readonly stream: string;
  readonly durable: string;
  readonly deadLetterStream: string;
  readonly deadLetterSubject: string;
  readonly replicas: number;
}

/**
 * Creates the streams and the consumer, or updates existing ones to this definition. An administrator runs it: the service's own
 * user has no permission to create anything.
 */
export async function ensureStreams(jsm: JetStreamManager, names: StreamNames): Promise<void> {
  await ensureStream(jsm, dispatchStream(names));
  await ensureStream(jsm, deadLetterStream(names));
  await ensureConsumer(jsm, names);
}

const storage = { storage: StorageType.File, duplicate_window: nanos(10 * MINUTE_MS) };

/**
 * A work queue: an acknowledged message is removed. The subject is exact, because `webhook.dispatch.>` would include our own
 * dead letters. A full stream refuses new messages with an error; it does not drop the oldest.
 */
const dispatchStream = ({ stream, replicas }: StreamNames): Partial<StreamConfig> & { name: string } => ({
  ...storage,
  name: stream,
  subjects: [DISPATCH_SUBJECT],
  num_replicas: replicas,
  retention: RetentionPolicy.Workqueue,
  discard: DiscardPolicy.New,
  max_age: nanos(7 * DAY_MS),
  max_msg_size: 1024 * 1024,
});

const deadLetterStream = (names: StreamNames): Partial<StreamConfig> & { name: string } => ({
  ...storage,
  name: names.deadLetterStream,
  subjects: [names.deadLetterSubject],
  num_replicas: names.replicas,
  retention: RetentionPolicy.Limits,
  max_age: nanos(30 * DAY_MS),
});

async function ensureStream(jsm: JetStreamManager, config: Partial<StreamConfig> & { name: string }): Promise<void> {
  if (await exists(jsm.streams.info(config.name))) {
    // Retention and storage cannot change. The server refuses the whole update if they differ.
    await jsm.streams.update(config.name, config);
  } else {
    await jsm.streams.add(config);
  }
}

/**
 * `max_deliver` -1: the bridge decides when to reject a message, not a counter of the server. `max_ack_pending` has room for the
 * prefetch buffers of all processes.
 */
async function ensureConsumer(jsm: JetStreamManager, { stream, durable }: StreamNames): Promise<void> {
  const changeable = { ack_wait: nanos(30_000), max_deliver: -1, max_ack_pending: 50_000 };
  if (await exists(jsm.consumers.info(stream, durable))) {
    await jsm.consumers.update(stream, durable, changeable);
    return;
  }
  const config: Partial<ConsumerConfig> = {
    ...changeable,
    durable_name: durable,
    filter_subject: DISPATCH_SUBJECT,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    max_waiting: 512,
  };
  await jsm.consumers.add(stream, config);
}

async function exists(question: Promise<unknown>): Promise<boolean> {
  try {
    await question;
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === NOT_FOUND) return false;
    throw error;
  }
}
