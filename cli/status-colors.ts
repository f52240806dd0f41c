import type { AttemptStatus, DeliveryStatus } from '../domain/delivery/statuses.js';
import type { Output } from './output.js';

type Color = keyof Output['paint'];

/** The color of each delivery status. A new status does not compile without one. */
export const DELIVERY_COLORS: Readonly<Record<DeliveryStatus, Color>> = {
  waiting: 'warn',
  delivered: 'good',
  dead_lettered: 'bad',
  canceled: 'warn',
  skipped_disabled: 'warn',
};

/** The color of each attempt status. */
export const ATTEMPT_COLORS: Readonly<Record<AttemptStatus, Color>> = {
  pending: 'warn',
  succeeded: 'good',
  failed: 'bad',
  skipped: 'warn',
  canceled: 'warn',
};
