import { z } from 'zod';
import { eventSchema } from './event.js';
import { pageOf, pageQuerySchema } from './page.js';

/** How a delivery stands: not settled yet, or its outcome. */
const deliveryStatus = z.enum(['pending', 'delivered', 'dead_lettered', 'canceled', 'skipped_disabled']);

export const deliveryQuerySchema = pageQuerySchema
  .extend({ status: deliveryStatus.optional() })
  .meta({ id: 'DeliveryQuery' });

export const attemptSchema = z
  .strictObject({
    /** From 1; continues over replays. */
    number: z.int().positive(),
    /** 0, then one more for each replay. */
    cycle: z.int().nonnegative(),
    trigger: z.enum(['dispatch', 'retry', 'manual', 'replay', 'test']),
    status: z.enum(['pending', 'succeeded', 'failed', 'skipped', 'canceled']),
    responseStatus: z.int().nullable(),
    errorCode: z.string().nullable(),
    /** The first 512 characters of the receiver's answer: a stranger's text, never to be shown as HTML. */
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
    outcomeReason: z.string().nullable(),
    /** Attempts made or begun so far. */
    attemptCount: z.int().positive(),
    cycle: z.int().nonnegative(),
    lastResponseStatus: z.int().nullable(),
    lastErrorCode: z.string().nullable(),
    nextAttemptAt: z.iso.datetime().nullable(),
    createdAt: z.iso.datetime(),
    /** Where operations finds it in the Temporal UI. */
    workflowId: z.string(),
  })
  .meta({ id: 'Delivery' });

export const deliveryPageSchema = pageOf(deliverySchema).meta({ id: 'DeliveryPage' });

/** With what was sent and every attempt. */
export const deliveryDetailSchema = deliverySchema
  .extend({ payload: eventSchema.nullable(), attempts: z.array(attemptSchema) })
  .meta({ id: 'DeliveryDetail' });

/** `replaying`: a new cycle begins; `woken`: the running one makes its next attempt now. */
export const retryAcceptedSchema = z
  .strictObject({ kind: z.enum(['replaying', 'woken']), deliveryId: z.guid(), workflowId: z.string() })
  .meta({ id: 'RetryAccepted' });

export type Attempt = z.infer<typeof attemptSchema>;
export type Delivery = z.infer<typeof deliverySchema>;
export type DeliveryDetail = z.infer<typeof deliveryDetailSchema>;
export type RetryAccepted = z.infer<typeof retryAcceptedSchema>;
