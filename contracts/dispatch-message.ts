import { z } from 'zod';

/** Limits of one message on `webhook.dispatch`. */
export const MAX_EVENT_BYTES = 256 * 1024;
export const MAX_MESSAGE_BYTES = 1024 * 1024;
export const MAX_BATCH_EVENTS = 100;

export const eventId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'letters, digits, _ and -, at most 64');
const eventType = z.string().regex(/^[a-z0-9_.]{1,100}$/, 'lower-case letters, digits, _ and dots, at most 100');
/** The shape of a UUID, not its version bits: PostgreSQL and identity providers accept more than RFC 9562 names. */
const accountId = z.guid('a UUID').transform((id) => id.toLowerCase());
const timestamp = z.iso.datetime({ offset: true, error: 'an RFC 3339 date and time with offset' });
const data = z.record(z.string(), z.unknown(), 'a JSON object');

/** An event as platform services publish it. `data` reaches the customer as it is. */
export const dispatchEventSchema = z
  .strictObject({ id: eventId, accountId, type: eventType, timestamp, data })
  .meta({ id: 'DispatchEvent', description: 'One event of one account, published on webhook.dispatch.' });

/** The same event in CloudEvents 1.0 structured mode, with the extension attribute `accountid`. */
export const cloudEventSchema = z
  .object({
    specversion: z.literal('1.0'),
    id: eventId,
    source: z.string().min(1),
    type: eventType,
    time: timestamp,
    accountid: accountId,
    datacontenttype: z.literal('application/json').optional(),
    data,
  })
  .meta({ id: 'DispatchCloudEvent' });

export type DispatchEvent = z.infer<typeof dispatchEventSchema>;
