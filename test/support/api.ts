import type { Client } from '@temporalio/client';
import { createApp } from '../../api/app.js';
import type { Observation } from '../../api/observe.js';
import type { CancelDelivery } from '../../control/cancel-delivery.js';
import type { ReplayDeliveryRequest, ReplayDelivery } from '../../control/replay-delivery.js';
import { createTestWebhook, type TestWebhookRequest, type TestWebhook } from '../../control/test-webhook.js';
import { parseOutboundAllow } from '../../domain/security/outbound-allow.js';
import { createUrlGate } from '../../domain/security/url-gate.js';
import { createDataKeys } from '../../keys/data-keys.js';
import { createKms, type Kms } from '../../keys/kms.js';
import { createSecretBox, type SecretBox } from '../../keys/secret-box.js';
import { startParts } from '../../local/start-parts.js';
import { findDelivery } from '../../db/queries/deliveries.js';
import { createFakeTasks } from './fake-tasks.js';
import { startTestDatabase, type TestDatabase } from './database.js';

/** A Temporal client that accepts every call and does nothing. */
const silent = {
  withDeadline: (_deadline: number, work: () => unknown) => work(),
  workflow: { start: () => undefined, getHandle: () => ({ result: () => Promise.resolve() }) },
};

export interface TestApi {
  readonly app: ReturnType<typeof createApp>;
  readonly database: TestDatabase;
  readonly secretBox: SecretBox;
  readonly kmsServer: { readonly stop: () => Promise<void>; readonly restart: () => Promise<void> };
  /** The observations of the application's requests. */
  readonly observed: Observation[];
  readonly replaysAsked: ReplayDeliveryRequest[];
  /** The result of the next retry. */
  replay: ReplayDelivery;
  /** The result of the next cancellation. By default an existing delivery ends. */
  cancel: CancelDelivery;
  readonly endsAsked: { accountId: string; webhookId: string }[];
  readonly tasksAsked: ReturnType<typeof createFakeTasks>['asked'];
  readonly testsAsked: TestWebhookRequest[];
  /** The result of the next test. */
  test: TestWebhook;
  stopping: boolean;
  readonly close: () => Promise<void>;
}

/** The application on a real PostgreSQL and a real KMS endpoint; only Temporal is a function. */
export async function startTestApi({ requestsPerMinute = 60 } = {}): Promise<TestApi> {
  const database = await startTestDatabase();
  const parts = await startParts({ with: ['kms'], log: () => undefined, env: process.env });
  const kms = kmsOf(parts.kms);
  const secretBox = createSecretBox({ dataKeys: createDataKeys({ kms, now: Date.now, limits: { maxSeals: 1 } }) });
  const observed: Observation[] = [];
  const replaysAsked: ReplayDeliveryRequest[] = [];
  const endsAsked: TestApi['endsAsked'] = [];
  const tasks = createFakeTasks();
  const testsAsked: TestWebhookRequest[] = [];
  const app = createApp({
    db: database.db,
    secrets: secretBox,
    urlGate: createUrlGate({ allow: parseOutboundAllow('http,127.0.0.0/8') }),
    replayDelivery: (asked) => {
      replaysAsked.push(asked);
      return api.replay(asked);
    },
    cancelDelivery: (asked) => api.cancel(asked),
    replayTasks: tasks.replayTasks,
    cancelForDeletedWebhook: (accountId, webhookId) => {
      endsAsked.push({ accountId, webhookId });
      return Promise.resolve();
    },
    testWebhook: (asked) => {
      testsAsked.push(asked);
      return api.test(asked);
    },
    now: Date.now,
    observe: (observation) => observed.push(observation),
    isStopping: () => api.stopping,
    requestsPerMinute,
  });
  const close = async () => {
    kms.close();
    await parts.stop();
    await database.close();
  };
  const unknown: ReplayDelivery = () => Promise.resolve(undefined);
  const api: TestApi = {
    app,
    database,
    secretBox,
    kmsServer: parts.kms,
    observed,
    replaysAsked,
    testsAsked,
    replay: unknown,
    endsAsked,
    tasksAsked: tasks.asked,
    cancel: async ({ accountId, deliveryId }) => {
      const row = await findDelivery(database.db, accountId, deliveryId);
      return row && { kind: 'canceled', row };
    },
    // No worker runs the test.
    test: createTestWebhook({ client: silent as unknown as Client, db: database.db, taskQueue: 'q' }),
    stopping: false,
    close,
  };
  return api;
}

interface KmsServer {
  readonly keyId: string;
  readonly region: string;
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

const kmsOf = ({ keyId, region, endpoint, credentials }: KmsServer): Kms =>
  createKms({ keyArn: keyId, region, endpoint, credentials });
