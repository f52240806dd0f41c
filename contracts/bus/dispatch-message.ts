import { z } from 'zod';

/** Limits of one message on `webhook.dispatch`. */
export const MAX_EVENT_BYTES = 256 * 1024;
export const MAX_MESSAGE_BYTES = 1024 * 1024;
export const MAX_BATCH_EVENTS = 100;

export const eventIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'letters, digits, _ and -, at most 64')
  .meta({ description: 'Receivers deduplicate by it (`webhook-id`).', examples: ['evt_8Kx2mQ'] });
const eventType = z
  .string()
  .regex(/^[a-z0-9_.]{1,100}$/, 'lower-case letters, digits, _ and dots, at most 100')
  .meta({ description: 'Endpoints filter by it.', examples: ['message.delivered'] });
/** The shape of a UUID, not its version bits: PostgreSQL and identity providers accept more than RFC 9562 names. */
const accountId = z.guid('a UUID').transform((id) => id.toLowerCase());
const timestamp = z.iso.datetime({ offset: true, error: 'an RFC 3339 date and time with offset' });
const data = z
  .record(z.string(), z.unknown(), 'a JSON object')
  .meta({ description: 'Reaches the customer unchanged.' });

/** An event in the form that platform services publish. `data` reaches the customer unchanged. */
export const dispatchEventSchema = z
  .strictObject({ id: eventIdSchema, accountId, type: eventType, timestamp, data })
  .meta({ id: 'DispatchEvent', description: 'One event of one account, published on webhook.dispatch.' });

/** A message that is a JSON array: each event is a delivery of its own. */
export const dispatchBatchSchema = z.array(dispatchEventSchema).min(1).max(MAX_BATCH_EVENTS).meta({
  id: 'DispatchBatch',
  description: 'Up to 100 events of one account in one message, which costs much less than one message each.',
});

/** The same event in CloudEvents 1.0 structured mode, with the extension attribute `accountid`. */
export const cloudEventSchema = z
  .object({
    specversion: z.literal('1.0'),
    id: eventIdSchema,
    source: z.string().min(1),
    type: eventType,
    time: timestamp,
    accountid: accountId,
    datacontenttype: z.literal('application/json').optional(),
    data,
  })
  .meta({
    id: 'DispatchCloudEvent',
    description:
      'CloudEvents 1.0, structured mode, with the extension attribute `accountid`. Other attributes are ignored.',
  });

/** CloudEvents 1.0 in batched mode. */
export const cloudEventBatchSchema = z.array(cloudEventSchema).min(1).max(MAX_BATCH_EVENTS).meta({
  id: 'DispatchCloudEventBatch',
  description: 'CloudEvents 1.0, batched mode: up to 100 events of one account.',
});

export type DispatchEvent = z.infer<typeof dispatchEventSchema>;
