import { DEFAULT_RETRY_SCHEDULE } from '../../domain/delivery/retry-schedule.js';
import { defineGroup } from '../group.js';
import { delays, wholeNumber } from '../text-forms.js';
import { defaulted } from '../variable.js';

/** Delay in milliseconds before each attempt. It is part of the workflow's input, so a change applies to new workflows only. */
export const deliveryGroup = defineGroup({
  variables: { RETRY_SCHEDULE: defaulted(delays, [...DEFAULT_RETRY_SCHEDULE]) },
  build: (v) => ({ schedule: v.RETRY_SCHEDULE }),
});

/**
 * `maxInFlightMessages`: messages that a pod processes at the same time. It is larger than the number of concurrent requests, so
 * that a lane never runs empty. The bridge starts no message while five times as many deliveries wait (bridge/admission.ts).
 *
 * `prefetchBufferMessages`: messages that a pod pulls ahead, so that the bridge can serve accounts in round robin. A burst that
 * is larger than the buffer hides messages of other accounts until it has shrunk.
 */
export const bridgeGroup = defineGroup({
  variables: {
    BRIDGE_MAX_IN_FLIGHT: defaulted(wholeNumber({ min: 1, max: 1_000, unit: 'messages' }), 28),
    BRIDGE_WINDOW: defaulted(wholeNumber({ min: 1, max: 20_000, unit: 'messages' }), 2_000),
  },
  build: (v) => ({ maxInFlightMessages: v.BRIDGE_MAX_IN_FLIGHT, prefetchBufferMessages: v.BRIDGE_WINDOW }),
});
