import { Client, Connection } from '@temporalio/client';
import { collectDefaultMetrics, register } from 'prom-client';
import { createApp } from '../api/app.js';
import { createCancelDelivery } from '../control/cancel-delivery.js';
import { createCancelForDeletedWebhook } from '../control/cancel-for-deleted-webhook.js';
import { createReplayDelivery } from '../control/replay-delivery.js';
import { createReplayTasks } from '../control/replay-tasks.js';
import { createTestWebhook } from '../control/test-webhook.js';
import { describeConfig } from '../config/describe-config.js';
import { loadApiConfig } from '../config/load-api-config.js';
import { createUrlGate } from '../domain/security/url-gate.js';
import { createDataKeys } from '../keys/data-keys.js';
import { createKms } from '../keys/kms.js';
import { createSecretBox } from '../keys/secret-box.js';
import { listenHttp } from './process/listen-http.js';
import { listenInternal } from './process/listen-internal.js';
import { createLogger } from './process/logger.js';
import { measureKms } from './process/measure-kms.js';
import { createRequestObserver } from './process/observe-requests.js';
import { openPool } from './process/open-pool.js';
import { loadConfigOrExit } from './process/load-config-or-exit.js';
import { runProcess } from './process/run-process.js';
import { temporalOptions } from './process/temporal-options.js';

const config = loadConfigOrExit(loadApiConfig);
const log = createLogger({ role: 'api', level: config.process.logLevel });
log.info({ config: describeConfig(config) }, 'starting');

collectDefaultMetrics();
const observe = createRequestObserver(log);

await runProcess({
  log,
  deadlineMs: 15_000,
  start: async ({ onStop, isStopping }) => {
    const db = openPool(config.database, log, { applicationName: 'webhook-api' });
    onStop('database', () => db.end());
    const kms = measureKms(createKms(config.kms));
    onStop('kms', () => kms.close());
    // Lazy: webhooks can be managed while Temporal is unavailable.
    const connection = Connection.lazy(temporalOptions(config.temporal));
    onStop('temporal', () => connection.close());
    const { namespace, taskQueue } = config.temporal;
    const client = new Client({ connection, namespace });

    const internal = await listenInternal({
      ...config.internal,
      checks: { database: () => db.query('SELECT 1').then(() => true) },
      metrics: [() => register.metrics()],
      isStopping,
    });
    onStop('internal listener', internal.close);
    const app = createApp({
      db,
      secrets: createSecretBox({ dataKeys: createDataKeys({ kms, now: Date.now }) }),
      urlGate: createUrlGate(config.outbound),
      replayDelivery: createReplayDelivery({ client, db, ...config.delivery, taskQueue }),
      cancelDelivery: createCancelDelivery({ client, db }),
      replayTasks: createReplayTasks({ client, taskQueue }),
      cancelForDeletedWebhook: createCancelForDeletedWebhook({
        client,
        taskQueue,
        report: (error) =>
          log.warn({ err: error }, 'starting endDeliveries failed; the deliveries are canceled at their next attempt'),
      }),
      testWebhook: createTestWebhook({ client, db, taskQueue }),
      now: Date.now,
      observe,
      isStopping,
      requestsPerMinute: config.http.requestsPerMinute,
    });
    const http = await listenHttp({ app, ...config.http });
    onStop('http listener', http.close);
    log.info({ port: http.port, internalPort: internal.port }, 'listening');
  },
});
