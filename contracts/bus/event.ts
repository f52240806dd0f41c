import { z } from 'zod';

/** The body of every request to a customer: `payload_snapshot` as PostgreSQL spells it. */
export const eventSchema = z
  .object({
    id: z.string().meta({ description: 'The same as in the `webhook-id` header, on every attempt and replay.' }),
    type: z.string().meta({ examples: ['message.delivered'] }),
    timestamp: z.iso.datetime({ offset: true }).meta({ description: 'When it happened, as the producer said.' }),
    data: z.record(z.string(), z.unknown()).meta({ description: 'What happened; its form depends on `type`.' }),
  })
  .meta({ id: 'Event', description: 'What receivers get as the body of a request.' });
