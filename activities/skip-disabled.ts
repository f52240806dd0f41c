import type { SetOutcomesRequest } from '../db/delivery-path/set-outcomes.js';
import type { AttemptDeps } from './attempt-delivery.js';

/** Ends one delivery because its endpoint is disabled: kept, and replayable. */
export const skipDisabled =
  (settle: (settlement: SetOutcomesRequest) => Promise<void>): AttemptDeps['skipDisabled'] =>
  ({ deliveryId, ...of }) =>
    settle({ ...of, deliveryIds: [deliveryId], outcome: 'skipped_disabled', reason: 'endpoint_disabled' });
