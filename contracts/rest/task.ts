import { TASK_STATES } from '../../domain/delivery/workflow-names.js';
import { REPLAYABLE_OUTCOMES } from '../../domain/delivery/statuses.js';
import { z } from 'zod';
import { instantMsSchema } from './instant.js';

const status = z.enum(REPLAYABLE_OUTCOMES);
const MAX_RATE_PER_SECOND = 50;

/** Which of a webhook's deliveries to send again. */
export const recoverWebhookSchema = z
  .strictObject({
    since: instantMsSchema.meta({ description: 'Of events that came in from then on (RFC 3339).' }),
    until: instantMsSchema
      .optional()
      .meta({ description: 'Of events that came in before (RFC 3339); now unless given.' }),
    statuses: z
      .array(status)
      .min(1)
      .max(REPLAYABLE_OUTCOMES.length)
      .default(['dead_lettered', 'skipped_disabled'])
      .meta({ description: 'How the deliveries ended that are sent again.' }),
    ratePerSecond: z
      .int()
      .min(1)
      .max(MAX_RATE_PER_SECOND)
      .default(10)
      .meta({ description: 'How many may be sent again in a second.' }),
  })
  .meta({ id: 'Recover' });

export const taskSchema = z
  .strictObject({
    id: z.guid(),
    /** `failed`: it was ended from outside; asking for it again is safe. */
    state: z.enum(TASK_STATES),
    webhookId: z.guid().nullable(),
    since: z.iso.datetime(),
    until: z.iso.datetime(),
    statuses: z.array(status),
    ratePerSecond: z.int().positive(),
    /** Deliveries that this task sent again, or rather began to: each has its own outcome. */
    started: z.int().nonnegative(),
    /** Deliveries that were being sent again already when the task came to them. */
    alreadyRunning: z.int().nonnegative(),
    /** Up to which time between `since` and `until` everything is looked at; null before the first page. */
    position: z.iso.datetime().nullable(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Task', description: 'Deliveries that are sent again, the oldest first.' });

export type Task = z.infer<typeof taskSchema>;
