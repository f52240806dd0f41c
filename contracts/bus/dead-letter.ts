import { ATTEMPT_ERROR_CODES, GIVE_UP_REASONS } from '../../domain/delivery/statuses.js';
import { z } from 'zod';

/**
 * The messages on `webhook.dispatch.deadletter`: ids, counts, codes and references. The schemas are closed and have no field
 * for a payload, URL, secret or text of a receiver, so none of these can be published.
 */

/** CloudEvents-style types of the two kinds of dead letter. */
export const DELIVERY_DEAD_LETTER_TYPE = 'webhook.delivery.dead_lettered';
export const MESSAGE_DEAD_LETTER_TYPE = 'webhook.message.rejected';

/** Why a message was rejected: it cannot be read or stored, or Temporal refuses its workflow. */
export const MESSAGE_REJECTION_REASONS = ['invalid_message', 'start_refused'] as const;
export type MessageRejectionReason = (typeof MESSAGE_REJECTION_REASONS)[number];

const base = {
  id: z.string().min(1).meta({
    description: 'Also the `Nats-Msg-Id`: the stream drops a repeated publish within its duplicate window.',
  }),
  schemaVersion: z.literal(1),
  time: z.iso.datetime(),
};

/** A delivery that is not retried any more. */
export const deliveryDeadLetterSchema = z
  .strictObject({
    ...base,
    type: z.literal(DELIVERY_DEAD_LETTER_TYPE),
    reason: z.enum(GIVE_UP_REASONS),
    accountId: z.guid(),
    webhookId: z.guid(),
    deliveryId: z.guid(),
    eventId: z.string(),
    eventType: z.string(),
    cycle: z.int().nonnegative(),
    attempts: z.int().nonnegative(),
    lastErrorCode: z.enum(ATTEMPT_ERROR_CODES).nullable(),
    lastResponseStatus: z.int().nullable(),
    firstAttemptAt: z.iso.datetime().nullable(),
    lastAttemptAt: z.iso.datetime().nullable(),
    workflowId: z.string(),
    replay: z
      .strictObject({ method: z.literal('POST'), path: z.string() })
      .meta({ description: 'The request that replays the delivery, once the endpoint is repaired.' }),
  })
  .meta({ id: 'DeliveryDeadLetter', description: 'A delivery that is not retried any more.' });

/** A message that cannot be processed. `problems` names fields and rules, never values. */
export const messageDeadLetterSchema = z
  .strictObject({
    ...base,
    type: z.literal(MESSAGE_DEAD_LETTER_TYPE),
    reason: z.enum(MESSAGE_REJECTION_REASONS),
    source: z.strictObject({ stream: z.string(), sequence: z.int(), publishedAt: z.iso.datetime() }),
    bytes: z.int().nonnegative(),
    deliveryCount: z.int().positive(),
    problems: z.array(z.strictObject({ path: z.string(), problem: z.string() })).max(20),
  })
  .meta({
    id: 'MessageDeadLetter',
    description: 'A message that cannot be processed. `problems` names fields and rules, never values.',
  });

export type DeliveryDeadLetter = z.infer<typeof deliveryDeadLetterSchema>;
export type MessageDeadLetter = z.infer<typeof messageDeadLetterSchema>;
