import { deliveryOperations } from './delivery-operations.js';
import type { Operation } from './operation.js';
import { statisticsOperations } from './statistics-operations.js';
import { taskOperations } from './task-operations.js';
import { webhookOperations } from './webhook-operations.js';

/** Every route for customers, once. A test compares the list with the routes of the Express application. */
export const OPERATIONS: readonly Operation[] = [
  ...webhookOperations,
  ...deliveryOperations,
  ...statisticsOperations,
  ...taskOperations,
];
