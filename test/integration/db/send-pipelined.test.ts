import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { type Database, runPipelined, type PreparedStatement, runPreparedInAccount } from '../../../db/client.js';
import { startTestDatabase, type TestDatabase } from '../../support/database.js';
import { seedWebhook } from '../../support/rows.js';

let database: TestDatabase;
beforeAll(async () => {
  // One connection, so that state left on it would affect the next statement.
  database = await startTestDatabase({ poolMax: 1 });
});
afterAll(() => database.close());

const describing = (webhookId: string, description: string): PreparedStatement => {
  const text = 'UPDATE hook.webhook_configs SET description = $2 WHERE id = $1 RETURNING description';
  return { name: 'describe', text, values: [webhookId, description] };
};
const DIVIDE: PreparedStatement = { name: 'divide', text: 'SELECT 1 / $1::int AS one', values: [0] };
const descriptionOf = async (webhookId: string): Promise<unknown> => {
  const text = 'SELECT description FROM hook.webhook_configs WHERE id = $1';
  return (await database.admin.query<{ description: unknown }>(text, [webhookId])).rows[0]?.description;
};

describe('statements in one trip', () => {
  test('are sent before any of them is answered', async () => {
    const sent: string[] = [];
    const query = (statement: string | { name: string }) => {
      sent.push(typeof statement === 'string' ? (statement.split(';')[0] ?? '') : statement.name);
      return new Promise(() => undefined);
    };
    const client = { query, release: () => undefined };
    void runPipelined({ connect: () => Promise.resolve(client) } as unknown as Database, [randomUUID()], [DIVIDE]);
    await Promise.resolve();
    await Promise.resolve();
    expect(sent).toEqual(['BEGIN', 'divide', 'COMMIT']);
  });

  test('are committed together and answered in their order', async () => {
    const account = randomUUID();
    const [one, other] = [await seedWebhook(database.admin, account), await seedWebhook(database.admin, account)];
    const statements = [describing(one, 'first'), { ...describing(other, 'second'), name: 'describe_too' }];
    const answers = await runPipelined(database.db, [account], statements);
    expect(answers.map(({ rows }) => rows)).toEqual([[{ description: 'first' }], [{ description: 'second' }]]);
    expect([await descriptionOf(one), await descriptionOf(other)]).toEqual(['first', 'second']);
  });

  test('are rolled back together, and the error is that of the failed statement, not of the others', async () => {
    const account = randomUUID();
    const webhookId = await seedWebhook(database.admin, account);
    const before = await descriptionOf(webhookId);
    const after = { ...describing(webhookId, 'late'), name: 'describe_late' };
    const failing = runPipelined(database.db, [account], [describing(webhookId, 'early'), DIVIDE, after]);
    await expect(failing).rejects.toMatchObject({ name: 'DatabaseError', kind: 'refused_value', code: '22012' });
    expect(await descriptionOf(webhookId)).toEqual(before);
    const { rows } = await runPreparedInAccount(database.db, account, describing(webhookId, 'again'));
    expect(rows).toEqual([{ description: 'again' }]);
  });

  test('see and change nothing of other accounts', async () => {
    const webhookId = await seedWebhook(database.admin, randomUUID());
    const { rowCount } = await runPreparedInAccount(database.db, randomUUID(), describing(webhookId, 'foreign'));
    expect(rowCount).toBe(0);
  });

  test('keep their plan from the first time on, and leave other transactions theirs', async () => {
    const account = randomUUID();
    const webhookId = await seedWebhook(database.admin, account);
    const planned = { ...describing(webhookId, 'planned'), name: 'planned' };
    for (let n = 0; n < 3; n += 1) await runPreparedInAccount(database.db, account, planned);
    const plans = `SELECT generic_plans::int AS kept, custom_plans::int AS made FROM pg_prepared_statements WHERE name = 'planned'`;
    expect((await database.db.query(plans)).rows).toEqual([{ kept: 3, made: 0 }]);
    expect((await database.db.query('SHOW plan_cache_mode')).rows).toEqual([{ plan_cache_mode: 'auto' }]);
    expect((await database.db.query('SHOW enable_seqscan')).rows).toEqual([{ enable_seqscan: 'on' }]);
  });
});
