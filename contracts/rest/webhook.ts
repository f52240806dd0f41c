import { DISABLED_REASONS, WEBHOOK_STATUSES } from '../../domain/delivery/webhook-status.js';
import { z } from 'zod';
import { createPageSchema } from './page.js';

/** Limits of what a customer may write, in characters and entries. */
const MAX_DESCRIPTION = 500;
const MAX_EVENT_TYPES = 50;
const METADATA = { entries: 20, key: 40, value: 500 };
const MAX_REASON = 200;
/** Of one endpoint's own rate limit. */
const MAX_REQUESTS_PER_SECOND = 1_000;

/** An event type, or every type below a prefix: `order.*` matches `order.paid` and `order.item.added`, not `order`. */
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
/** Also checks the result of a merge patch. */
export const metadataSchema = z
  .record(metadataKey, metadataValue)
  .refine((metadata) => Object.keys(metadata).length <= METADATA.entries, 'at most 20 entries')
  .meta({ description: 'Your own texts by name: at most 20, names up to 40 and texts up to 500 characters.' });

const rateLimit = z
  .int()
  .min(1)
  .max(MAX_REQUESTS_PER_SECOND)
  .nullable()
  .meta({ description: 'Maximum of requests per second, 1 to 1,000; null (the default) for no limit.' });

/** Rules for URLs and secrets are in domain/security, with their own codes of refusal. */
const url = z.string().meta({
  description: 'Events are posted to this URL: https, a public host, without port, credentials and fragment.',
  examples: ['https://example.com/hooks'],
});
const secret = z.string().meta({
  description: '`whsec_` and the base64 of 24 to 64 bytes, or 24 to 128 printable ASCII characters.',
  examples: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
});
const status = z.enum(WEBHOOK_STATUSES);

/** The settings of an endpoint: the same in a registration and in a replacement. */
const settings = {
  url,
  eventTypes: eventTypes.default(null),
  description: description.default(null),
  metadata: metadataSchema.default({}),
  rateLimit: rateLimit.default(null),
};

/** Fails to compile for a schema that lacks one of the settings. */
type HasAllSettings = Record<keyof typeof settings, z.ZodType> & Record<string, z.ZodType>;

const EXAMPLES = [{ url: 'https://example.com/hooks', eventTypes: ['message.*'], description: 'Receipts' }];

export const createWebhookSchema = z.strictObject({ ...settings, secret: secret.optional() }).meta({
  id: 'CreateWebhook',
  examples: EXAMPLES,
  description: 'Without `secret` the service makes one. Only this response shows it.',
});

/** Seconds. At most a week, so that a leaked old secret becomes worthless. */
const gracePeriodSeconds = z.int().min(0).max(604_800);

/** Replaces the endpoint's settings as a whole. An absent secret or status is kept. */
export const replaceWebhookSchema = z
  .strictObject({
    ...settings,
    secret: secret.optional(),
    /** With a new secret: how long the previous one signs too. Absent or 0: it stops signing at once. */
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
    description: 'With `secret` the secret is rotated: later attempts are signed with the new one.',
  });

/** A merge patch (RFC 7396): absent fields are kept, null removes a value. The secret cannot be patched: responses do not show it. */
export const patchWebhookSchema = z
  .strictObject({
    url: url.optional(),
    eventTypes: eventTypes.optional(),
    description: description.optional(),
    metadata: z.record(metadataKey, metadataValue.nullable()).nullable().optional(),
    rateLimit: rateLimit.optional(),
    status: status.optional(),
  } satisfies HasAllSettings)
  .meta({ id: 'PatchWebhook', description: 'RFC 7396: absent fields are kept, null removes a value.' });

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
      .meta({ description: 'How long the previous secret signs too; with 0 (the default) it stops at once.' }),
  })
  .meta({ id: 'RotateSecret' });

const time = z.iso.datetime().nullable();

/** Health of an endpoint. Counts cover at most its newest 1,000 deliveries, so that the query is as fast for a busy endpoint. */
const health = z
  .strictObject({
    lastSuccessAt: time.meta({ description: 'Accurate to a minute.' }),
    failingSince: time.meta({ description: 'First failure since the last success; null while it succeeds.' }),
    successRatio: z.number().min(0).max(1).nullable().meta({
      description:
        'Share of deliveries whose latest attempt succeeded, among the examined deliveries of the last 24 hours with an attempt. Null without such deliveries.',
    }),
    waitingCount: z
      .int()
      .nonnegative()
      .meta({ description: 'Number of the examined deliveries that have no outcome yet.' }),
    examinedCount: z
      .int()
      .nonnegative()
      .max(1_000)
      .meta({ description: 'Number of deliveries that the two figures are based on: the newest, at most 1,000.' }),
  })
  .meta({ id: 'WebhookHealth' });

/** A webhook in responses. No field can hold a secret. */
export const webhookSchema = z
  .strictObject({
    id: z.guid(),
    url: z.string(),
    description: z.string().nullable(),
    eventTypes: z.array(z.string()).nullable(),
    metadata: z.record(z.string(), z.string()),
    rateLimit: z.int().nullable(),
    status,
    /** `gone`: the endpoint answered 410. */
    disabledReason: z.enum(DISABLED_REASONS).nullable(),
    /** The reason that the customer gave when disabling it. */
    disabledNote: z.string().nullable(),
    disabledAt: time,
    /** Counts rotations. An attempt has the version that signed it. */
    secretVersion: z.int().positive(),
    /** The previous secret signs too until then; null if only the current one signs. */
    previousSecretExpiresAt: time,
    health,
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  } satisfies HasAllSettings)
  .meta({ id: 'Webhook' });

export const webhookPageSchema = createPageSchema(webhookSchema).meta({ id: 'WebhookPage' });

/** The response to a registration or a rotation. No other response holds a secret. */
export const createdWebhookSchema = webhookSchema.extend({ secret: z.string() }).meta({ id: 'CreatedWebhook' });

export type Webhook = z.infer<typeof webhookSchema>;
export type CreatedWebhook = z.infer<typeof createdWebhookSchema>;
export type CreateWebhook = z.infer<typeof createWebhookSchema>;
export type PatchWebhook = z.infer<typeof patchWebhookSchema>;
