import type { Client } from '@temporalio/client';
import { consumerFaults } from '../../bridge/nats/check-consumer.js';
import type { DoctorCheck, Finding } from '../../cli/doctor.js';
import { SEARCH_ATTRIBUTES } from '../../contracts/workflows/search-attributes.js';
import { findSchemaFaults, type SchemaFault } from '../../db/maintenance/find-schema-faults.js';
import { retryTaskQueue } from '../../domain/delivery/workflow-id.js';
import { createKms } from '../../keys/kms.js';
import type { CliResources } from './cli-resources.js';
import { jetStreamOptions } from '../process/nats-options.js';

/** The checks of `webhookctl doctor`: one for each dependency of the service. */
export const createDoctorChecks = (resources: CliResources): DoctorCheck[] => [
  {
    name: 'PostgreSQL',
    run: () => checkDatabase(resources),
    fixIfUnreachable: 'check that the server runs, and DATABASE_URL, DATABASE_PASSWORD, DATABASE_TLS and DATABASE_CA',
  },
  {
    name: 'NATS stream and consumer',
    run: () => checkStream(resources),
    fixIfUnreachable:
      'check that the server runs, and NATS_URL and NATS_TLS_*; then run webhookctl setup as an administrator',
  },
  {
    name: 'Temporal namespace, search attributes and workers',
    run: () => checkTemporal(resources),
    fixIfUnreachable: 'check that the server runs, that the namespace exists, and TEMPORAL_ADDRESS and TEMPORAL_TLS_*',
  },
  {
    name: 'key service',
    run: () => checkKms(resources),
    fixIfUnreachable:
      'check KMS_KEY_ID, AWS_REGION and the credentials, which need GenerateDataKey and Decrypt on the key',
  },
];

const SCHEMA_FIXES: Readonly<Record<SchemaFault, Finding>> = {
  no_schema: {
    problem: 'the tables do not exist',
    fix: 'run deploy/postgres/roles.sql as an administrator, then npm run migrate',
  },
  migrations_missing: { problem: 'columns of this release are missing', fix: 'run npm run migrate as hook_migrate' },
  privileges_missing: {
    problem: 'the role may not read and write both tables',
    fix: 'name hook_svc in DATABASE_URL; npm run migrate grants its privileges',
  },
  not_held_by_row_level_security: {
    problem: 'the role sees every account',
    fix: 'name hook_svc in DATABASE_URL, not an administrator or the owner',
  },
  no_partition_for_next_week: {
    problem: 'there is no partition for next week',
    fix: 'run npm run partitions as hook_migrate, which creates eight weeks ahead; schedule it every night',
  },
};

const checkDatabase = async ({ database }: CliResources): Promise<Finding[]> =>
  (await findSchemaFaults(database())).map((fault) => SCHEMA_FIXES[fault]);

const SETUP_FIX = 'run webhookctl setup as an administrator';

async function checkStream({ nats, config }: CliResources): Promise<Finding[]> {
  const { stream, durable, deadLetterStream, ...connection } = config.nats();
  const jsm = await (await nats()).jetstreamManager(jetStreamOptions(connection));
  const consumer = await jsm.consumers.info(stream, durable);
  const letters = await jsm.streams.info(deadLetterStream);
  const faults = consumerFaults(consumer, 15_000);
  const storesSubject = letters.config.subjects.includes(connection.deadLetterSubject);
  return [
    ...faults.map((problem) => ({ problem, fix: SETUP_FIX })),
    ...(storesSubject
      ? []
      : [{ problem: 'the dead letter stream does not store the dead letter subject', fix: SETUP_FIX }]),
  ];
}

type TaskQueueType = NonNullable<Parameters<Client['workflowService']['describeTaskQueue']>[0]['taskQueueType']>;

/** temporal.api.enums.v1.TaskQueueType */
const QUEUE_TYPES = { workflow: 1, activity: 2 } as unknown as Record<'workflow' | 'activity', TaskQueueType>;

async function checkTemporal({ temporal, config }: CliResources): Promise<Finding[]> {
  const client = await temporal();
  const { namespace, taskQueue } = config.temporal();
  await client.workflowService.describeNamespace({ namespace });
  const { customAttributes } = await client.connection.operatorService.listSearchAttributes({ namespace });
  const missing = Object.keys(SEARCH_ATTRIBUTES).filter((name) => customAttributes[name] === undefined);
  const queues: { name: string; type: keyof typeof QUEUE_TYPES; carries: string }[] = [
    { name: taskQueue, type: 'workflow', carries: 'workflows' },
    { name: retryTaskQueue(taskQueue), type: 'activity', carries: 'retries' },
  ];
  const unpolled = await Promise.all(
    queues.map(async (queue) => ((await isPolled(client, namespace, queue)) ? [] : [queue])),
  );
  return [
    ...missing.map((name) => ({ problem: `search attribute ${name} is not registered`, fix: 'run webhookctl setup' })),
    ...unpolled.flat().map(({ name, carries }) => ({
      problem: `no worker polls task queue ${name} (${carries})`,
      fix: 'start a dispatcher, and check that TEMPORAL_TASK_QUEUE is the same in all processes',
    })),
  ];
}

async function isPolled(
  client: Client,
  namespace: string,
  { name, type }: { name: string; type: keyof typeof QUEUE_TYPES },
): Promise<boolean> {
  const taskQueueType = QUEUE_TYPES[type];
  const { pollers } = await client.workflowService.describeTaskQueue({ namespace, taskQueue: { name }, taskQueueType });
  return pollers.length > 0;
}

/** No customer has this account, so the created data key protects no secret. */
const UNUSED_ACCOUNT_ID = '00000000-0000-0000-0000-000000000000';

async function checkKms({ config }: CliResources): Promise<Finding[]> {
  const { previousKeyArn: _, ...options } = config.kms();
  const kms = createKms(options);
  try {
    const { wrappedKey } = await kms.generateDataKey(UNUSED_ACCOUNT_ID);
    await kms.unwrapDataKey({ accountId: UNUSED_ACCOUNT_ID, wrappedKey });
    return [];
  } finally {
    kms.close();
  }
}
