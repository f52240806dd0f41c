import { deliveryOperations } from './delivery-operations.js';
import type { Operation } from './operation.js';
import { statisticsOperations } from './statistics-operations.js';
import { taskOperations } from './task-operations.js';
import { webhookOperations } from './webhook-operations.js';

/** Every route that customers can ask, once. A test compares it with what Express serves. */
export const OPERATIONS: readonly Operation[] = [
  ...webhookOperations,
  ...deliveryOperations,
  ...statisticsOperations,
  ...taskOperations,
];
