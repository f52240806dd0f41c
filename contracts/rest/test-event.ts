import { z } from 'zod';

/** An event that a customer makes up. Its id is given by the service and begins with `test_` or `preview_`. */
export const testEventSchema = z
  .strictObject({
    eventType: z
      .string()
      .regex(/^[a-z0-9_.]{1,100}$/)
      .default('webhook.ping')
      .meta({ description: 'Whatever the endpoint’s `eventTypes` are.' }),
    data: z.record(z.string(), z.unknown()).default({}).meta({ description: 'The event’s `data`.' }),
  })
  .meta({ id: 'MadeUpEvent' });

/** A request as it would be made now. */
export const requestPreviewSchema = z
  .strictObject({
    method: z.literal('POST'),
    url: z.string(),
    /** Those that the service sets; the connection adds `Host`, `Content-Length` and the like. */
    headers: z.strictObject({
      'webhook-id': z.string(),
      'webhook-timestamp': z.string(),
      'webhook-signature': z.string(),
      'content-type': z.string(),
      'user-agent': z.string(),
      'webhook-attempt': z.string(),
    }),
    body: z.string().meta({ description: 'UTF-8, byte for byte.' }),
    signedContent: z.string().meta({ description: 'What the signature is of: `webhook-id.webhook-timestamp.body`.' }),
  })
  .meta({ id: 'RequestPreview' });

export type RequestPreview = z.infer<typeof requestPreviewSchema>;
