import {
  ATTEMPT_ERROR_CODES,
  ATTEMPT_STATUSES,
  ATTEMPT_TRIGGERS,
  DELIVERY_STATUSES,
  OUTCOME_REASONS,
  RESPONSE_CLASSES,
} from '../../domain/delivery/statuses.js';
import { z } from 'zod';
import { eventSchema } from '../bus/event.js';
import { eventIdSchema } from '../bus/dispatch-message.js';
import { instantMsSchema } from './instant.js';
import { createPageSchema, pageQuerySchema } from './page.js';
import { eventTypeFilterSchema } from './webhook.js';

/** Status of a delivery: `waiting` until it has an outcome, then its outcome. */
const deliveryStatus = z.enum(DELIVERY_STATUSES);

/**
 * Query parameters of the lists of deliveries; a delivery must match all of them. A page may be shorter than `limit`, even
 * empty, and still have a next one: a request examines at most 5,000 deliveries, however few of them match.
 */
export const deliveryQuerySchema = pageQuerySchema
  .extend({
    status: deliveryStatus.optional(),
    eventType: eventTypeFilterSchema.optional().meta({ description: 'A type, or `order.*` for every type below it.' }),
    eventId: eventIdSchema.optional(),
    responseClass: z
      .enum(RESPONSE_CLASSES)
      .optional()
      .meta({ description: 'Class of the last response; `none` if there was no response.' }),
    from: instantMsSchema.optional().meta({ description: 'Events that arrived at this time or later (RFC 3339).' }),
    to: instantMsSchema.optional().meta({ description: 'Events that arrived before this time (RFC 3339).' }),
  })
  .meta({
    id: 'DeliveryQuery',
    description:
      'A delivery must match all given filters. A page may be shorter than `limit`, even empty, and still have a `nextCursor`: a request examines at most 5,000 deliveries, however few of them match.',
  });

export const attemptSchema = z
  .strictObject({
    /** From 1; continues over replays. */
    number: z.int().positive(),
    /** 0, then one more for each replay. */
    cycle: z.int().nonnegative(),
    trigger: z.enum(ATTEMPT_TRIGGERS),
    status: z.enum(ATTEMPT_STATUSES),
    responseStatus: z.int().nullable(),
    errorCode: z.enum(ATTEMPT_ERROR_CODES).nullable(),
    /** The first 512 characters of the receiver's response. The text is untrusted: never show it as HTML. */
    responseBodyPreview: z.string().nullable(),
    durationMs: z.int().nullable(),
    startedAt: z.iso.datetime().nullable(),
    finishedAt: z.iso.datetime().nullable(),
    secretVersion: z.int().nullable(),
    requestedBy: z.string().nullable(),
    requestReason: z.string().nullable(),
  })
  .meta({ id: 'Attempt' });

/** One event on its way to one webhook. */
export const deliverySchema = z
  .strictObject({
    id: z.guid(),
    webhookId: z.guid(),
    eventId: z.string(),
    eventType: z.string(),
    status: deliveryStatus,
    outcomeReason: z.enum(OUTCOME_REASONS).nullable(),
    /** Attempts started so far. */
    attemptCount: z.int().positive(),
    cycle: z.int().nonnegative(),
    lastResponseStatus: z.int().nullable(),
    lastErrorCode: z.enum(ATTEMPT_ERROR_CODES).nullable(),
    nextAttemptAt: z.iso.datetime().nullable(),
    createdAt: z.iso.datetime(),
    /** The delivery's workflow in the Temporal UI, for operations. */
    workflowId: z.string(),
  })
  .meta({ id: 'Delivery' });

export const deliveryPageSchema = createPageSchema(deliverySchema).meta({ id: 'DeliveryPage' });

/** A delivery with its payload and every attempt. */
export const deliveryDetailSchema = deliverySchema
  .extend({ payload: eventSchema.nullable(), attempts: z.array(attemptSchema) })
  .meta({ id: 'DeliveryDetail' });

/** `replaying`: a new cycle starts; `retrying`: the running cycle makes its next attempt now. */
export const retryAcceptedSchema = z
  .strictObject({ kind: z.enum(['replaying', 'retrying']), deliveryId: z.guid(), workflowId: z.string() })
  .meta({ id: 'RetryAccepted' });

export type DeliveryQuery = z.infer<typeof deliveryQuerySchema>;
export type Attempt = z.infer<typeof attemptSchema>;
export type Delivery = z.infer<typeof deliverySchema>;
export type DeliveryDetail = z.infer<typeof deliveryDetailSchema>;
export type RetryAccepted = z.infer<typeof retryAcceptedSchema>;
