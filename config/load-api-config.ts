import { databaseGroup } from './groups/database.js';
import { deliveryGroup } from './groups/delivery.js';
import { kmsGroup } from './groups/kms.js';
import { httpGroup, internalGroup } from './groups/listeners.js';
import { outboundGroup } from './groups/outbound.js';
import { processGroup } from './groups/process.js';
import { temporalGroup } from './groups/temporal.js';
import type { Environment } from './environment.js';
import { loadGroups } from './load-groups.js';
import type { NodeRuntime } from './start-refusals.js';

/** @throws ConfigError naming every wrong variable. */
export const loadApiConfig = (env: Environment, runtime?: NodeRuntime) =>
  loadGroups(
    env,
    {
      process: processGroup,
      http: httpGroup,
      internal: internalGroup,
      database: databaseGroup,
      kms: kmsGroup,
      temporal: temporalGroup,
      delivery: deliveryGroup,
      outbound: outboundGroup,
    },
    runtime,
  );
