import { and, asc, eq, sql } from 'drizzle-orm';
import type { Database } from '../client.js';
import { withAccountOrm } from '../with-account-orm.js';
import { deliveryAttempts as t, type AttemptRow } from '../schema.js';

/** The latest row of a delivery, which is how the delivery stands. */
export const deliveryColumns = {
  deliveryId: t.deliveryId,
  attemptNumber: t.attemptNumber,
  webhookId: t.webhookId,
  eventId: t.eventId,
  eventType: t.eventType,
  cycle: t.cycle,
  status: t.status,
  outcome: t.outcome,
  outcomeReason: t.outcomeReason,
  responseStatus: t.responseStatus,
  errorCode: t.errorCode,
  nextAttemptAt: t.nextAttemptAt,
  finishedAt: t.finishedAt,
  createdAt: t.createdAt,
  workflowId: t.workflowId,
};

/** Not a parameter: the partial indexes are for the condition as they state it. */
export const isLatest = sql`${t.isLatest}`;

export type DeliveryRow = Pick<AttemptRow, keyof typeof deliveryColumns>;

const attempt = {
  ...deliveryColumns,
  trigger: t.trigger,
  isLatest: t.isLatest,
  responseBodyPreview: t.responseBodyPreview,
  durationMs: t.durationMs,
  startedAt: t.startedAt,
  secretVersion: t.secretVersion,
  requestedBy: t.requestedBy,
  requestReason: t.requestReason,
  payloadSnapshot: t.payloadSnapshot,
};

export type DeliveryAttemptRow = Pick<AttemptRow, keyof typeof attempt>;

/** All attempts in order, the first with the payload; empty when the account has no such delivery. */
export const findAttempts = (db: Database, accountId: string, deliveryId: string): Promise<DeliveryAttemptRow[]> =>
  withAccountOrm(db, accountId, (orm) =>
    orm
      .select(attempt)
      .from(t)
      .where(and(eq(t.accountId, accountId), eq(t.deliveryId, deliveryId)))
      .orderBy(asc(t.attemptNumber)),
  );

/** How a delivery stands; `undefined` when the account has no such delivery. */
export async function findDelivery(
  db: Database,
  accountId: string,
  deliveryId: string,
): Promise<DeliveryRow | undefined> {
  const [row] = await withAccountOrm(db, accountId, (orm) =>
    orm
      .select(deliveryColumns)
      .from(t)
      .where(and(eq(t.accountId, accountId), eq(t.deliveryId, deliveryId), isLatest)),
  );
  return row;
}
