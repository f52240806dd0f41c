import { DISABLED_REASONS, WEBHOOK_STATUSES } from '../../domain/delivery/webhook-status.js';
import { z } from 'zod';
import { createPageSchema } from './page.js';

/** Limits of what a customer may write, in characters and entries. */
const MAX_DESCRIPTION = 500;
const MAX_EVENT_TYPES = 50;
const METADATA = { entries: 20, key: 40, value: 500 };
const MAX_REASON = 200;
/** Requests a second. */
const MAX_RATE_PER_SECOND = 1_000;

/** An event type, or all below a prefix: `order.*` matches `order.paid` and `order.item.added`, not `order`. */
export const eventTypeFilterSchema = z
  .string()
  .regex(/^(?=.{1,100}$)[a-z0-9_.]+(?:\.\*)?$/, 'an event type or prefix.*')
  .meta({ examples: ['message.delivered', 'order.*'] });
const eventTypes = z
  .array(eventTypeFilterSchema)
  .min(1)
  .max(MAX_EVENT_TYPES)
  .refine((types) => new Set(types).size === types.length, 'no type twice')
  .nullable()
  .meta({ description: 'Event types to deliver; null (the default) for all.' });

/** PostgreSQL cannot store U+0000, and a lone surrogate is no text. */
const isStorable = (text: string) => !/[\p{Surrogate}\u0000]/u.test(text);
const textUpTo = (length: number) => z.string().max(length).refine(isStorable, 'text');
const description = textUpTo(MAX_DESCRIPTION).nullable();

const metadataKey = textUpTo(METADATA.key).min(1);
const metadataValue = textUpTo(METADATA.value);
/** Also checks what a merge made of two. */
export const metadataSchema = z
  .record(metadataKey, metadataValue)
  .refine((metadata) => Object.keys(metadata).length <= METADATA.entries, 'at most 20 entries')
  .meta({ description: 'Texts of your own by name: at most 20, names up to 40 and texts up to 500 characters.' });

const rateLimit = z
  .int()
  .min(1)
  .max(MAX_RATE_PER_SECOND)
  .nullable()
  .meta({ description: 'Requests a second at most, 1 to 1,000; null (the default) for no limit of its own.' });

/** What is a permitted URL or secret is said by domain/security, with reasons of its own. */
const url = z.string().meta({
  description: 'Where events are posted to: https, a public host, no port, credentials or fragment of its own.',
  examples: ['https://example.com/hooks'],
});
const secret = z.string().meta({
  description: '`whsec_` and the base64 of 24 to 64 bytes, or 24 to 128 printable ASCII characters.',
  examples: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
});
const status = z.enum(WEBHOOK_STATUSES);

const content = {
  url,
  eventTypes: eventTypes.default(null),
  description: description.default(null),
  metadata: metadataSchema.default({}),
  rateLimit: rateLimit.default(null),
};

const EXAMPLES = [{ url: 'https://example.com/hooks', eventTypes: ['message.*'], description: 'Receipts' }];

export const createWebhookSchema = z.strictObject({ ...content, secret: secret.optional() }).meta({
  id: 'CreateWebhook',
  examples: EXAMPLES,
  description: 'Without a secret one is made, and shown in the answer only.',
});

/** Seconds. After a week at most, an old secret that leaked is worth nothing. */
const gracePeriodSeconds = z.int().min(0).max(604_800);

/** Replaces the endpoint's settings as a whole. An absent secret or status stays as it is. */
export const replaceWebhookSchema = z
  .strictObject({
    ...content,
    secret: secret.optional(),
    /** With a new secret: how long the one before signs as well. Absent or 0: not at all, from now on. */
    gracePeriodSeconds: gracePeriodSeconds.optional(),
    status: status.optional(),
  })
  .refine((body) => body.gracePeriodSeconds === undefined || body.secret !== undefined, {
    path: ['gracePeriodSeconds'],
    error: 'only with a new secret',
  })
  .meta({
    id: 'ReplaceWebhook',
    examples: EXAMPLES,
    description: 'A secret rotates: attempts made afterwards are signed with it.',
  });

/** A merge patch (RFC 7396): what is absent stays, null takes a value away. The secret is no part of what is shown. */
export const patchWebhookSchema = z
  .strictObject({
    url: url.optional(),
    eventTypes: eventTypes.optional(),
    description: description.optional(),
    metadata: z.record(metadataKey, metadataValue.nullable()).nullable().optional(),
    rateLimit: rateLimit.optional(),
    status: status.optional(),
  })
  .meta({ id: 'PatchWebhook', description: 'RFC 7396: what is left out stays, null takes a value away.' });

export const disableWebhookSchema = z
  .strictObject({
    reason: textUpTo(MAX_REASON).min(1).optional().meta({ description: 'Shown as `disabledNote`.' }),
  })
  .meta({ id: 'DisableWebhook' });

export const enableWebhookSchema = z.strictObject({}).meta({ id: 'EnableWebhook' });

export const rotateSecretSchema = z
  .strictObject({
    gracePeriodSeconds: gracePeriodSeconds
      .default(0)
      .meta({ description: 'How long the secret before signs as well; 0 (the default): not at all, from now on.' }),
  })
  .meta({ id: 'RotateSecret' });

const time = z.iso.datetime().nullable();

/** How an endpoint does. Counts are about its newest deliveries, 1,000 at most, so that a busy one is as quick to ask. */
const health = z
  .strictObject({
    lastSuccessAt: time.meta({ description: 'Accurate to a minute.' }),
    failingSince: time.meta({ description: 'First failure since the last success; null while it succeeds.' }),
    successRatio: z.number().min(0).max(1).nullable().meta({
      description:
        'Of the examined deliveries of the last 24 hours that were attempted: the share whose latest attempt succeeded. Null where there is none.',
    }),
    waitingCount: z
      .int()
      .nonnegative()
      .meta({ description: 'Of the examined deliveries: how many wait or are tried.' }),
    examinedCount: z
      .int()
      .nonnegative()
      .max(1_000)
      .meta({ description: 'The newest deliveries, 1,000 at most, that the two figures are about.' }),
  })
  .meta({ id: 'WebhookHealth' });

/** A webhook as it is shown. It has no field that could hold a secret. */
export const webhookSchema = z
  .strictObject({
    id: z.guid(),
    url: z.string(),
    description: z.string().nullable(),
    eventTypes: z.array(z.string()).nullable(),
    metadata: z.record(z.string(), z.string()),
    rateLimit: z.int().nullable(),
    status,
    /** `gone`: it answered 410. */
    disabledReason: z.enum(DISABLED_REASONS).nullable(),
    /** What the customer said when disabling it. */
    disabledNote: z.string().nullable(),
    disabledAt: time,
    /** Counts rotations, so that a customer can tell which secret an attempt was signed with. */
    secretVersion: z.int().positive(),
    /** Until then the secret before the last rotation signs as well; null where only the current one does. */
    previousSecretExpiresAt: time,
    health,
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'Webhook' });

export const webhookPageSchema = createPageSchema(webhookSchema).meta({ id: 'WebhookPage' });

/** What a registration or a rotation is answered with: the only answers that hold a secret, once. */
export const createdWebhookSchema = webhookSchema.extend({ secret: z.string() }).meta({ id: 'CreatedWebhook' });

export type Webhook = z.infer<typeof webhookSchema>;
export type CreatedWebhook = z.infer<typeof createdWebhookSchema>;
export type CreateWebhook = z.infer<typeof createWebhookSchema>;
export type PatchWebhook = z.infer<typeof patchWebhookSchema>;
