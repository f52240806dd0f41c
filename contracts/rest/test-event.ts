import { z } from 'zod';

/** A test event. The service gives its id, which starts with `test_` or `preview_`. */
export const testEventSchema = z
  .strictObject({
    eventType: z
      .string()
      .regex(/^[a-z0-9_.]{1,100}$/)
      .default('webhook.ping')
      .meta({ description: 'The type does not have to match the endpoint’s `eventTypes`.' }),
    data: z.record(z.string(), z.unknown()).default({}).meta({ description: 'The `data` of the event.' }),
  })
  .meta({ id: 'TestEvent' });

/** The request that would be sent now. */
export const requestPreviewSchema = z
  .strictObject({
    method: z.literal('POST'),
    url: z.string(),
    /** The headers that the service sets. The HTTP client adds `Host`, `Content-Length` and others. */
    headers: z.strictObject({
      'webhook-id': z.string(),
      'webhook-timestamp': z.string(),
      'webhook-signature': z.string(),
      'content-type': z.string(),
      'user-agent': z.string(),
      'webhook-attempt': z.string(),
    }),
    body: z.string().meta({ description: 'The exact body, in UTF-8.' }),
    signedContent: z.string().meta({ description: 'The signed text: `webhook-id.webhook-timestamp.body`.' }),
  })
  .meta({ id: 'RequestPreview' });

export type RequestPreview = z.infer<typeof requestPreviewSchema>;
