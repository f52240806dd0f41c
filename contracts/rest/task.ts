import { TASK_STATES } from '../../domain/delivery/workflow-names.js';
import { REPLAYABLE_OUTCOMES } from '../../domain/delivery/statuses.js';
import { z } from 'zod';
import { instantMsSchema } from './instant.js';

const status = z.enum(REPLAYABLE_OUTCOMES);

/**
 * Half of what an operator's replay may use (`MAX_REPLAYS_PER_SECOND` in domain/delivery/replay-rate.ts): the tasks of all
 * accounts share one queue, on which a process works on two pages at a time.
 */
const MAX_CUSTOMER_REPLAYS_PER_SECOND = 50;

/** Selects the deliveries of a webhook that a task replays. */
export const recoverWebhookSchema = z
  .strictObject({
    since: instantMsSchema.meta({ description: 'Replays events that arrived at this time or later (RFC 3339).' }),
    until: instantMsSchema
      .optional()
      .meta({ description: 'Replays events that arrived before this time (RFC 3339); the default is now.' }),
    statuses: z
      .array(status)
      .min(1)
      .max(REPLAYABLE_OUTCOMES.length)
      .default(['dead_lettered', 'skipped_disabled'])
      .meta({ description: 'Outcomes of the deliveries to replay.' }),
    ratePerSecond: z
      .int()
      .min(1)
      .max(MAX_CUSTOMER_REPLAYS_PER_SECOND)
      .default(10)
      .meta({ description: 'Maximum of replays started per second.' }),
  })
  .meta({ id: 'Recover' });

export const taskSchema = z
  .strictObject({
    id: z.guid(),
    /** `failed`: the task was ended from outside; starting another one is safe. */
    state: z.enum(TASK_STATES),
    webhookId: z.guid().nullable(),
    since: z.iso.datetime(),
    until: z.iso.datetime(),
    statuses: z.array(status),
    ratePerSecond: z.int().positive(),
    /** Replays that this task started; each delivery gets its own outcome. */
    started: z.int().nonnegative(),
    /** Deliveries that were being replayed already when the task reached them. */
    alreadyRunning: z.int().nonnegative(),
    /** The task has examined everything from `since` up to this time; null before the first page. */
    position: z.iso.datetime().nullable(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Task', description: 'A replay of many deliveries, the oldest first.' });

export type Task = z.infer<typeof taskSchema>;
