import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { fillAttempts } from '../../../bench/fill-attempts.js';
import { type DeliveryPageQuery, listDeliveries } from '../../../db/queries/list-deliveries.js';
import { startTestDatabase, type TestDatabase } from '../../support/database.js';
import { plansOf } from '../../support/explain.js';

const accountId = randomUUID();
const webhookId = randomUUID();
let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
  await fillAttempts(database, { rows: 100_000, accountId, webhookId });
}, 120_000);
afterAll(() => database.close());

test.each<[string, Partial<DeliveryPageQuery>]>([
  ['account', {}],
  ['endpoint', { webhookId }],
  ['endpoint, of those delivered', { webhookId, status: 'delivered' }],
])('a page of a busy %s is read from the indexes of the weeks, not collected and sorted', async (_, asked) => {
  const [plan] = await plansOf(database.db, (db) => listDeliveries(db, accountId, { limit: 50, ...asked }));
  expect(plan!.nodes).toContain('Merge Append');
  expect(plan!.nodes).not.toContain('Sort');
  expect(plan!.buffers).toBeLessThan(300);
  expect((await listDeliveries(database.db, accountId, { limit: 50, ...asked })).rows).toHaveLength(51);
});
