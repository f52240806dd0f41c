import { databaseGroup } from './groups/database.js';
import { bridgeGroup, deliveryGroup } from './groups/delivery.js';
import { kmsGroup } from './groups/kms.js';
import { internalGroup } from './groups/listeners.js';
import { natsGroup } from './groups/nats.js';
import { connectionsGroup, lanesGroup, outboundGroup } from './groups/outbound.js';
import { processGroup } from './groups/process.js';
import { temporalGroup } from './groups/temporal.js';
import type { Environment } from './environment.js';
import { loadGroups } from './load-groups.js';
import type { NodeRuntime } from './start-refusals.js';

/** @throws ConfigError naming every wrong variable. */
export const loadDispatcherConfig = (env: Environment, runtime?: NodeRuntime) =>
  loadGroups(
    env,
    {
      process: processGroup,
      internal: internalGroup,
      database: databaseGroup,
      nats: natsGroup,
      temporal: temporalGroup,
      kms: kmsGroup,
      outbound: outboundGroup,
      connections: connectionsGroup,
      lanes: lanesGroup,
      bridge: bridgeGroup,
      delivery: deliveryGroup,
    },
    runtime,
  );

export type DispatcherConfig = ReturnType<typeof loadDispatcherConfig>;
