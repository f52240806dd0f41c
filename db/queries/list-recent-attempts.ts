import { and, asc, eq, gte, sql } from 'drizzle-orm';
import { firstDeliveryIdAt } from '../../domain/delivery/delivery-id.js';
import type { Database } from '../client.js';
import { withAccountOrm } from '../with-account-orm.js';
import { type AttemptRow, deliveryAttempts as t } from '../schema.js';

const columns = {
  deliveryId: t.deliveryId,
  attemptNumber: t.attemptNumber,
  webhookId: t.webhookId,
  eventId: t.eventId,
  eventType: t.eventType,
  status: t.status,
  outcome: t.outcome,
  responseStatus: t.responseStatus,
  errorCode: t.errorCode,
  durationMs: t.durationMs,
  nextAttemptAt: t.nextAttemptAt,
};

export type RecentAttemptRow = Pick<AttemptRow, keyof typeof columns> & { finishedAt: Date };

const LIMIT = 500;

/**
 * Lists deliveries' latest attempts that finished since a time, the oldest first, at most 500. `acceptedSinceMs` limits the
 * deliveries that are read, because an index finds them by that time. Times in milliseconds since 1970. @throws DatabaseError
 */
export function listRecentAttempts(
  db: Database,
  accountId: string,
  { acceptedSinceMs, finishedSinceMs }: { acceptedSinceMs: number; finishedSinceMs: number },
): Promise<RecentAttemptRow[]> {
  const where = and(
    eq(t.accountId, accountId),
    sql`${t.isLatest}`,
    gte(t.deliveryId, firstDeliveryIdAt(acceptedSinceMs)),
    gte(t.finishedAt, new Date(finishedSinceMs)),
  );
  return withAccountOrm(db, accountId, (orm) =>
    orm
      .select({ ...columns, finishedAt: sql<Date>`${t.finishedAt}`.mapWith(t.finishedAt) })
      .from(t)
      .where(where)
      .orderBy(asc(t.finishedAt))
      .limit(LIMIT),
  );
}
