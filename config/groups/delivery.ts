import { DEFAULT_RETRY_SCHEDULE } from '../../domain/delivery/retry-schedule.js';
import { defineGroup } from '../group.js';
import { delays, wholeNumber } from '../text-forms.js';
import { defaulted } from '../variable.js';

/** Delay in milliseconds before each attempt. It travels with the workflow, so a change applies to new ones only. */
export const deliveryGroup = defineGroup({
  variables: { RETRY_SCHEDULE: defaulted(delays, [...DEFAULT_RETRY_SCHEDULE]) },
  build: (v) => ({ schedule: v.RETRY_SCHEDULE }),
});

/**
 * Messages that a pod works on at once, more than leave at once, so that a lane never runs dry; it begins none while five times as
 * many deliveries wait (bridge/admission.ts). And messages that it pulls
 * ahead, to let accounts take turns: a burst that is larger hides the other accounts until it is smaller.
 */
export const bridgeGroup = defineGroup({
  variables: {
    BRIDGE_MAX_IN_FLIGHT: defaulted(wholeNumber({ min: 1, max: 1_000, unit: 'messages' }), 28),
    BRIDGE_WINDOW: defaulted(wholeNumber({ min: 1, max: 20_000, unit: 'messages' }), 2_000),
  },
  build: (v) => ({ maxInFlightMessages: v.BRIDGE_MAX_IN_FLIGHT, prefetchBufferMessages: v.BRIDGE_WINDOW }),
});
