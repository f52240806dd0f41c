import { natsSetupGroup } from './groups/nats.js';
import { processGroup } from './groups/process.js';
import { temporalGroup } from './groups/temporal.js';
import type { Environment } from './environment.js';
import { loadGroups } from './load-groups.js';
import type { NodeRuntime } from './start-refusals.js';

/**
 * For the connections of an administrator: the service's own NATS user may create nothing.
 *
 * @throws ConfigError naming every wrong variable.
 */
export const loadSetupConfig = (env: Environment, runtime?: NodeRuntime) =>
  loadGroups(env, { process: processGroup, nats: natsSetupGroup, temporal: temporalGroup }, runtime);

export type SetupConfig = ReturnType<typeof loadSetupConfig>;
