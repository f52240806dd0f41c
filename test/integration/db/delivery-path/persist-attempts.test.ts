import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { EndpointNote } from '../../../../db/delivery-path/note-endpoints.js';
import { persistAttempts, type FinishedAttemptRow } from '../../../../db/delivery-path/persist-attempts.js';
import { recordDeliveries } from '../../../../db/delivery-path/record-deliveries.js';
import { startTestDatabase, type TestDatabase } from '../../../support/database.js';
import { attemptsOf, messageOf, seedWebhook } from '../../../support/rows.js';
import { settledRowOf } from '../../../support/settled.js';

let database: TestDatabase;
let accountId: string;
let ids: Pick<FinishedAttemptRow, 'deliveryId' | 'accountId' | 'webhookId'>;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  accountId = randomUUID();
  ids = await delivery();
});

async function delivery(account = accountId) {
  const webhookId = await seedWebhook(database.admin, account);
  const [recorded] = await recordDeliveries(database.db, [messageOf(account, { eventId: 'evt_1' })]);
  return { deliveryId: recorded?.deliveryId ?? '', accountId: account, webhookId };
}
const persist = (...rows: FinishedAttemptRow[]) => persistAttempts(database.db, rows);
const rows = () => attemptsOf(database.admin, accountId);
const settled = (change: Partial<FinishedAttemptRow> = {}) => settledRowOf({ ...ids, ...change });
const endpoint = async () => {
  const { rows } = await database.admin.query<Record<string, unknown>>(
    `SELECT status, disabled_reason AS reason, disabled_at IS NOT NULL AS dated, slow_until - now() AS slow,
            slow_until > now() + interval '9 min' AS very, revision, failing_since AS since, failing_since IS NOT NULL AS failing,
            last_success_at IS NOT NULL AS succeeded FROM hook.webhook_configs WHERE id = $1`,
    [ids.webhookId],
  );
  return rows[0];
};
const change = (assignments: string) =>
  database.admin.query(`UPDATE hook.webhook_configs SET ${assignments} WHERE id = $1`, [ids.webhookId]);
/** The physical version of the row: every update creates another one. */
const version = async () =>
  (await database.admin.query('SELECT xmin::text AS x FROM hook.webhook_configs WHERE id = $1', [ids.webhookId]))
    .rows[0].x;

describe('a first attempt', () => {
  test('settles the row that the bridge made, whose body stays', async () => {
    const [before] = await rows();
    await persist(settled({ workflowId: 'wh-2', trigger: 'manual' }));
    const [row, ...others] = await rows();
    expect(others).toEqual([]);
    expect(row).toMatchObject({
      attempt: 1,
      isLatest: true,
      status: 'failed',
      outcome: null,
      workflowId: 'wh-2',
      trigger: 'manual',
      responseStatus: 500,
      errorCode: 'http_error',
      preview: 'no',
      durationMs: 12,
      secretVersion: 1,
      nextAttemptAt: new Date('2026-11-23T10:00:06.000Z'),
    });
    expect(row?.body).toBe(before?.body);
  });

  test('that is settled already stays as it is', async () => {
    await persist(settled({ status: 'succeeded', outcome: 'delivered', responseStatus: 200 }));
    await persist(settled());
    expect(await rows()).toEqual([expect.objectContaining({ status: 'succeeded', responseStatus: 200 })]);
  });

  test('of another account’s delivery changes nothing', async () => {
    const stranger = randomUUID();
    await persist(settled({ accountId: stranger }));
    expect(await rows()).toEqual([expect.objectContaining({ status: 'pending' })]);
  });
});

describe('a later attempt', () => {
  test('gets a row of its own, which is the latest from then on', async () => {
    await persist(settled());
    await persist(settled({ attempt: 2, trigger: 'retry', requestedBy: 'ops', requestReason: 'why' }));
    await persist(settled({ attempt: 3, trigger: 'retry', status: 'succeeded', outcome: 'delivered' }));
    const all = await rows();
    expect(all.map(({ attempt, isLatest }) => [attempt, isLatest])).toEqual([
      [1, false],
      [2, false],
      [3, true],
    ]);
    expect(all.map(({ nextAttemptAt }) => nextAttemptAt === null)).toEqual([true, true, false]);
    expect(all[1]).toMatchObject({ requestedBy: 'ops', requestReason: 'why', body: null });
  });

  test('that is written again, even after the next one, changes nothing', async () => {
    await persist(settled());
    await persist(settled({ attempt: 2 }));
    await persist(settled({ attempt: 3 }));
    const before = await rows();
    await persist(settled({ attempt: 2, status: 'succeeded', outcome: 'delivered' }));
    await persist(settled({ attempt: 3, status: 'succeeded' }));
    expect(await rows()).toEqual(before);
  });

  test('and the one before it may be written at once', async () => {
    await persist(settled({ attempt: 2 }), settled());
    expect((await rows()).map(({ attempt, isLatest }) => [attempt, isLatest])).toEqual([
      [1, false],
      [2, true],
    ]);
  });
});

describe('many outcomes', () => {
  test('of several accounts are written together, or none of them', async () => {
    const other = await delivery(randomUUID());
    const refused = settledRowOf({ ...other, preview: 'a\u0000b' });
    await expect(persist(settled(), refused)).rejects.toMatchObject({ kind: 'refused_value', code: '22021' });
    expect(await rows()).toEqual([expect.objectContaining({ status: 'pending' })]);
    await persist(settled(), { ...refused, preview: 'ab' });
    expect(await rows()).toEqual([expect.objectContaining({ status: 'failed' })]);
    expect(await attemptsOf(database.admin, other.accountId)).toEqual([expect.objectContaining({ preview: 'ab' })]);
  });

  test('of the same deliveries, written at once by many, never deadlock', async () => {
    const all = [ids, ...(await Promise.all(Array.from({ length: 9 }, () => delivery(randomUUID()))))];
    const shuffled = (n: number) =>
      [...all.slice(n), ...all.slice(0, n)].map((id) => settledRowOf({ ...id, attempt: 2 }));
    await Promise.all(Array.from({ length: 10 }, (_, n) => persist(...shuffled(n))));
    expect((await rows()).map(({ attempt }) => attempt)).toEqual([1, 2]);
  });

  test('none at all are no statement at all', async () => {
    await expect(persist()).resolves.toBeUndefined();
  });
});

const note = (more: Partial<EndpointNote>): EndpointNote => {
  return { revision: 1, gone: false, slow: null, succeeded: null, ...more };
};

describe('an endpoint', () => {
  test('that is gone is disabled, even if another attempt of the batch succeeded', async () => {
    const before = await endpoint();
    expect(before).toMatchObject({ status: 'enabled', reason: null, revision: 1 });
    const deliveryId = 'ffffffff-0000-7000-8000-000000000000';
    const second = settledRowOf({ ...ids, deliveryId, endpoint: note({ slow: true }) });
    await persist(settled({ endpoint: note({ gone: true }) }), second);
    expect(await endpoint()).toMatchObject({ status: 'disabled', reason: 'gone', dated: true, revision: 2 });
  });

  test('that was disabled by hand keeps its reason', async () => {
    await change(`status = 'disabled', disabled_reason = 'manual'`);
    await persist(settled({ endpoint: note({ gone: true }) }));
    expect(await endpoint()).toMatchObject({ status: 'disabled', reason: 'manual', revision: 1 });
  });

  test('that was changed since the attempt is not judged by what the one before answered', async () => {
    await change(`url = 'https://new.example.com/', revision = 2`);
    await persist(settled({ endpoint: note({ gone: true, slow: true, succeeded: false }) }));
    expect(await endpoint()).toMatchObject({ status: 'enabled', slow: null, failing: false });
    await persist(settled({ endpoint: note({ gone: true, revision: null }) }));
    expect(await endpoint()).toMatchObject({ status: 'disabled' });
  });

  test('that is slow counts as such for ten minutes, and no longer after a success', async () => {
    await persist(settled({ endpoint: note({ slow: true }) }));
    expect(await endpoint()).toMatchObject({ status: 'enabled', very: true });
    await persist(settled({ attempt: 2, endpoint: note({ slow: false }) }));
    expect(await endpoint()).toMatchObject({ slow: null });
  });

  test('that fails says since when until it succeeds', async () => {
    await persist(settled({ endpoint: note({ succeeded: false }) }));
    const first = await endpoint();
    expect(first).toMatchObject({ failing: true, succeeded: false, revision: 1 });
    await persist(settled({ attempt: 2, endpoint: note({ succeeded: false }) }));
    expect(await endpoint()).toEqual(expect.objectContaining({ failing: true, since: first?.['since'] }));
    await persist(settled({ attempt: 3, endpoint: note({ succeeded: true }) }));
    expect(await endpoint()).toMatchObject({ failing: false, succeeded: true });
  });

  test('that succeeds all the time is written once a minute', async () => {
    await persist(settled({ endpoint: note({ succeeded: true }) }));
    const written = await version();
    await persist(settled({ attempt: 2, endpoint: note({ succeeded: true }) }));
    await persist(settled({ attempt: 3, endpoint: note({ succeeded: false }) }));
    expect(await version()).toBe(written);
    await change(`last_success_at = last_success_at - interval '61 s'`);
    const older = await version();
    await persist(settled({ attempt: 4, endpoint: note({ succeeded: true }) }));
    expect(await version()).not.toBe(older);
  });

  test('of another account is left alone', async () => {
    const other = randomUUID();
    const { deliveryId } = await delivery(other);
    const stranger = { accountId: other, webhookId: ids.webhookId, endpoint: note({ gone: true, succeeded: false }) };
    await persist(settledRowOf({ deliveryId, ...stranger }));
    expect(await endpoint()).toMatchObject({ status: 'enabled', failing: false });
  });
});
