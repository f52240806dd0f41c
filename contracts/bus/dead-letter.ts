import { z } from 'zod';

/**
 * What is published on `webhook.dispatch.deadletter`: ids, counts, codes and where to look. The schemas are closed and
 * name no payload, URL, secret or text of a receiver, so that nothing of the kind can slip in.
 */

const base = {
  id: z.string().min(1).meta({
    description:
      'Also the `Nats-Msg-Id`, so that a repeated publish is dropped inside the duplicate window of the stream.',
  }),
  schemaVersion: z.literal(1),
  time: z.iso.datetime(),
};

/** A delivery that will not be tried again. */
export const deliveryDeadLetterSchema = z
  .strictObject({
    ...base,
    type: z.literal('webhook.delivery.dead_lettered'),
    reason: z.enum(['retries_exhausted', 'endpoint_gone', 'endpoint_deleted', 'secret_undecryptable']),
    accountId: z.guid(),
    webhookId: z.guid(),
    deliveryId: z.guid(),
    eventId: z.string(),
    eventType: z.string(),
    cycle: z.int().nonnegative(),
    attempts: z.int().nonnegative(),
    lastErrorCode: z.string().nullable(),
    lastResponseStatus: z.int().nullable(),
    firstAttemptAt: z.iso.datetime().nullable(),
    lastAttemptAt: z.iso.datetime().nullable(),
    workflowId: z.string(),
    replay: z
      .strictObject({ method: z.literal('POST'), path: z.string() })
      .meta({ description: 'How to send it again, once the endpoint is repaired.' }),
  })
  .meta({ id: 'DeliveryDeadLetter', description: 'A delivery that will not be tried again by itself.' });

/** A message that can never be processed. `problems` names fields and rules, never values. */
export const messageDeadLetterSchema = z
  .strictObject({
    ...base,
    type: z.literal('webhook.message.rejected'),
    reason: z.enum(['invalid_message', 'start_refused']),
    source: z.strictObject({ stream: z.string(), sequence: z.int(), publishedAt: z.iso.datetime() }),
    bytes: z.int().nonnegative(),
    deliveryCount: z.int().positive(),
    problems: z.array(z.strictObject({ path: z.string(), problem: z.string() })).max(20),
  })
  .meta({
    id: 'MessageDeadLetter',
    description: 'A message that can never be processed. `problems` names fields and rules, never values.',
  });

export type DeliveryDeadLetter = z.infer<typeof deliveryDeadLetterSchema>;
export type MessageDeadLetter = z.infer<typeof messageDeadLetterSchema>;
