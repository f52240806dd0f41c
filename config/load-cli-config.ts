import { databaseGroup } from './groups/database.js';
import { deliveryGroup } from './groups/delivery.js';
import { kmsGroup } from './groups/kms.js';
import { internalGroup } from './groups/listeners.js';
import { natsSetupGroup } from './groups/nats.js';
import { processGroup } from './groups/process.js';
import { temporalGroup } from './groups/temporal.js';
import type { Environment } from './environment.js';
import { loadGroups } from './load-groups.js';
import type { NodeRuntime } from './start-refusals.js';

/**
 * One loader for each server that a command may use, so that a command needs the variables of its own servers only. The rules
 * are those of the services, including the refusals in production.
 *
 * @throws ConfigError naming every wrong variable.
 */
export const cliConfigLoaders = {
  database: (env: Environment, runtime?: NodeRuntime) =>
    loadGroups(env, { process: processGroup, database: databaseGroup }, runtime).database,
  nats: (env: Environment, runtime?: NodeRuntime) =>
    loadGroups(env, { process: processGroup, nats: natsSetupGroup }, runtime).nats,
  temporal: (env: Environment, runtime?: NodeRuntime) => {
    const groups = { process: processGroup, temporal: temporalGroup, delivery: deliveryGroup };
    const { temporal, delivery } = loadGroups(env, groups, runtime);
    return { ...temporal, ...delivery };
  },
  kms: (env: Environment, runtime?: NodeRuntime) =>
    loadGroups(env, { process: processGroup, kms: kmsGroup }, runtime).kms,
  internal: (env: Environment, runtime?: NodeRuntime) =>
    loadGroups(env, { process: processGroup, internal: internalGroup }, runtime).internal,
};
