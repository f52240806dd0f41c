import { z } from 'zod';
import { pageOf } from './page.js';

/** Limits of what a customer may write, in characters and entries. */
const MAX_DESCRIPTION = 500;
const MAX_EVENT_TYPES = 50;

/** An event type, or all below a prefix: `order.*` matches `order.paid` and `order.item.added`, not `order`. */
export const eventTypeFilter = z
  .string()
  .regex(/^(?=.{1,100}$)[a-z0-9_.]+(?:\.\*)?$/, 'an event type or prefix.*')
  .meta({ examples: ['message.delivered', 'order.*'] });
const eventTypes = z
  .array(eventTypeFilter)
  .min(1)
  .max(MAX_EVENT_TYPES)
  .refine((types) => new Set(types).size === types.length, 'no type twice')
  .nullable()
  .default(null)
  .meta({ description: 'Event types to deliver; null (the default) for all.' });

/** PostgreSQL cannot store U+0000, and a lone surrogate is no text. */
const isStorable = (text: string) => !/[\p{Surrogate}\u0000]/u.test(text);
const description = z.string().max(MAX_DESCRIPTION).refine(isStorable, 'text').nullable().default(null);

/** What is a permitted URL or secret is said by domain/security, with reasons of its own. */
const url = z.string().meta({
  description: 'Where events are posted to: https, a public host, no port, credentials or fragment of its own.',
  examples: ['https://example.com/hooks'],
});
const secret = z.string().meta({
  description: '`whsec_` and the base64 of 24 to 64 bytes, or 24 to 128 printable ASCII characters.',
  examples: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
});

export const createWebhookSchema = z
  .strictObject({ url, eventTypes, description, secret: secret.optional() })
  .meta({ id: 'CreateWebhook', description: 'Without a secret one is made, and shown in the answer only.' });

/** Seconds. After a week at most, an old secret that leaked is worth nothing. */
const MAX_GRACE_PERIOD = 604_800;

/** Replaces url, eventTypes and description as a whole. An absent secret or status stays as it is. */
export const replaceWebhookSchema = z
  .strictObject({
    url,
    eventTypes,
    description,
    secret: secret.optional(),
    /** With a new secret: how long the one before signs as well. Absent or 0: not at all, from now on. */
    gracePeriodSeconds: z.int().min(0).max(MAX_GRACE_PERIOD).optional(),
    status: z.enum(['enabled', 'disabled']).optional(),
  })
  .refine((body) => body.gracePeriodSeconds === undefined || body.secret !== undefined, {
    path: ['gracePeriodSeconds'],
    error: 'only with a new secret',
  })
  .meta({ id: 'ReplaceWebhook', description: 'A secret rotates: attempts made afterwards are signed with it.' });

/** A webhook as it is shown. It has no field that could hold a secret. */
export const webhookSchema = z
  .strictObject({
    id: z.guid(),
    url: z.string(),
    description: z.string().nullable(),
    eventTypes: z.array(z.string()).nullable(),
    status: z.enum(['enabled', 'disabled']),
    disabledReason: z.enum(['gone', 'manual']).nullable(),
    disabledAt: z.iso.datetime().nullable(),
    /** Counts rotations, so that a customer can tell which secret an attempt was signed with. */
    secretVersion: z.int().positive(),
    /** Until then the secret before the last rotation signs as well; null where only the current one does. */
    previousSecretExpiresAt: z.iso.datetime().nullable(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'Webhook' });

export const webhookPageSchema = pageOf(webhookSchema).meta({ id: 'WebhookPage' });

/** The one answer that holds the secret. */
export const createdWebhookSchema = webhookSchema.extend({ secret: z.string() }).meta({ id: 'CreatedWebhook' });

export type Webhook = z.infer<typeof webhookSchema>;
export type CreatedWebhook = z.infer<typeof createdWebhookSchema>;
