import { type Database, withAccounts } from '../client.js';
import { MAX_SEARCHED_DELIVERIES } from './search-deliveries.js';
import { readInIndexOrder } from './read-in-index-order.js';

export interface SeenEventType {
  readonly eventType: string;
  readonly deliveries: number;
  /** Ids of the oldest and the newest examined delivery of this type. */
  readonly firstId: string;
  readonly lastId: string;
}

const SEEN = {
  name: 'seen_event_types',
  text: `
    SELECT event_type AS "eventType", count(*)::int AS deliveries, min(id) AS "firstId", max(id) AS "lastId"
    FROM (SELECT event_type, delivery_id::text AS id FROM hook.delivery_attempts
          WHERE account_id = $1 AND is_latest ORDER BY delivery_id DESC LIMIT ${String(MAX_SEARCHED_DELIVERIES)}) AS examined
    GROUP BY event_type ORDER BY event_type`,
};

/** Lists the event types of the account's newest deliveries, at most `MAX_SEARCHED_DELIVERIES`. @throws DatabaseError */
export async function listEventTypes(db: Database, accountId: string): Promise<SeenEventType[]> {
  return await withAccounts(db, [accountId], async (client) => {
    await readInIndexOrder(client);
    const { rows } = await client.query<SeenEventType>({ ...SEEN, values: [accountId] });
    return rows;
  });
}
