import { and, asc, eq, sql } from 'drizzle-orm';
import type { Database } from '../client.js';
import { withAccountOrm } from '../with-account-orm.js';
import { deliveryAttempts as t, type AttemptRow } from '../schema.js';

/** Columns of a delivery's latest row, which holds the state of the delivery. */
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

/** The bare column, without a parameter: PostgreSQL uses the partial indexes only for exactly their condition. */
export const isLatest = sql`${t.isLatest}`;

export type DeliveryRow = Pick<AttemptRow, keyof typeof deliveryColumns>;

const attemptColumns = {
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

export type DeliveryAttemptRow = Pick<AttemptRow, keyof typeof attemptColumns>;

/** All attempts in order, the first with the payload; empty when the account has no such delivery. @throws DatabaseError */
export const findAttempts = (db: Database, accountId: string, deliveryId: string): Promise<DeliveryAttemptRow[]> =>
  withAccountOrm(db, accountId, (orm) =>
    orm
      .select(attemptColumns)
      .from(t)
      .where(and(eq(t.accountId, accountId), eq(t.deliveryId, deliveryId)))
      .orderBy(asc(t.attemptNumber)),
  );

/** The latest row of a delivery; `undefined` when the account has no such delivery. @throws DatabaseError */
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
