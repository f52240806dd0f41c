import { z } from 'zod';

/** The body of every request to a customer: `payload_snapshot` in PostgreSQL's own formatting. */
export const eventSchema = z
  .object({
    id: z.string().meta({ description: 'The same as in the `webhook-id` header, on every attempt and replay.' }),
    type: z.string().meta({ examples: ['message.delivered'] }),
    timestamp: z.iso.datetime({ offset: true }).meta({ description: 'Time of the event, as the producer stated it.' }),
    data: z.record(z.string(), z.unknown()).meta({ description: 'Content of the event; its form depends on `type`.' }),
  })
  .meta({ id: 'Event', description: 'The body of a request to a receiver.' });
