import { DEFAULT_RETRY_SCHEDULE } from '../../domain/delivery/retry-schedule.js';
import { defineGroup } from '../group.js';
import { delays, wholeNumber } from '../text-forms.js';
import { defaulted } from '../variable.js';

/** Delay in milliseconds before each attempt. It travels with the workflow, so a change applies to new ones only. */
export const deliveryGroup = defineGroup({
  variables: { RETRY_SCHEDULE: defaulted(delays, [...DEFAULT_RETRY_SCHEDULE]) },
  build: (v) => ({ schedule: v.RETRY_SCHEDULE }),
});

/** Deliveries that a pod takes in before it stops pulling: more than leave at once, so that a lane never runs dry. */
export const bridgeGroup = defineGroup({
  variables: { BRIDGE_MAX_IN_FLIGHT: defaulted(wholeNumber({ min: 1, max: 1_000, unit: 'deliveries' }), 28) },
  build: (v) => ({ maxInFlight: v.BRIDGE_MAX_IN_FLIGHT }),
});
