import { describe, expect, test } from '@jest/globals';
import { createRevalidator } from '../../../activities/create-revalidator.js';
import { DatabaseError } from '../../../db/errors.js';
import type { RevalidationResult } from '../../../db/delivery-path/revalidate-attempts.js';
import { endpoint, context, NOW, WEBHOOK } from './attempt-fake.js';

const OTHER_WEBHOOK = '11111111-2222-4333-8444-000000000002';
const OTHER_ACCOUNT = '99999999-2222-4333-8444-555555555555';

/** A clock, and a database that answers when the test says so. */
function createDatabase() {
  const clock = { nowMs: NOW };
  const reads: { of: string; ids: string[]; answer: (more?: Partial<RevalidationResult>) => void; fail: () => void }[] =
    [];
  const track = createRevalidator({
    revalidateAttempts: ({ accountId, webhookId, attempts }) =>
      new Promise((resolve, reject) => {
        const revision = reads.length + 1;
        reads.push({
          of: `${accountId} ${webhookId}`,
          ids: attempts.map(({ deliveryId }) => deliveryId),
          answer: (more) => resolve({ endpoint: endpoint({ revision }), noLongerPending: [], ...more }),
          fail: () => reject(new DatabaseError('unavailable', 'X1')),
        });
      }),
    now: () => clock.nowMs,
  });
  const wait = (deliveryId: string, more: Parameters<typeof context>[0] = {}) =>
    track(context({ deliveryId, ...more }), 1, clock.nowMs);
  return { clock, reads, wait, track };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));
const revisionOf = async (current: ReturnType<ReturnType<typeof createRevalidator>>) =>
  (await current.revalidate())?.endpoint?.revision;

describe('an attempt that has waited', () => {
  test('for less than a second reads nothing again', async () => {
    const { clock, reads, wait } = createDatabase();
    const waiting = wait('1');
    clock.nowMs += 999;
    expect(await waiting.revalidate()).toEqual(context({ deliveryId: '1' }));
    expect(reads).toEqual([]);
  });

  test('for a second has its endpoint as it is now, and its payload as it was', async () => {
    const { clock, reads, wait } = createDatabase();
    const waiting = wait('1', { body: '{"n": 1}' });
    clock.nowMs += 1_000;
    const current = waiting.revalidate();
    reads[0]?.answer({ endpoint: endpoint({ url: 'https://b.example.com/' }) });
    expect(await current).toMatchObject({ body: '{"n": 1}', endpoint: { url: 'https://b.example.com/' } });
  });

  test('is told what has become of itself, and not of another', async () => {
    const { clock, reads, wait, track } = createDatabase();
    const [one, two, again] = [wait('1'), wait('2'), track(context({ deliveryId: '1' }), 2, NOW)];
    clock.nowMs += 1_000;
    const all = [one, two, again].map((waiting) => waiting.revalidate());
    const settled = { status: 'canceled', outcome: 'canceled', responseStatus: null, errorCode: null } as const;
    reads[0]?.answer({
      noLongerPending: [
        { deliveryId: '2', attempt: 1, settled: 'gone' },
        { deliveryId: '1', attempt: 2, settled: { ...settled, nextDelayMs: null } },
      ],
    });
    const [first, second, third] = await Promise.all(all);
    expect([first?.finished, second, third?.finished?.status]).toEqual([undefined, undefined, 'canceled']);
  });
});

describe('one read is for', () => {
  test('all that wait for the endpoint and have their turn within a second', async () => {
    const { clock, reads, wait } = createDatabase();
    const [one, two, three, four] = ['1', '2', '3', '4'].map((id) => wait(id)) as [
      ReturnType<typeof wait>,
      ...ReturnType<typeof wait>[],
    ];
    four?.untrack();
    clock.nowMs += 1_500;
    const first = revisionOf(one);
    const second = revisionOf(two!);
    reads[0]?.answer();
    clock.nowMs += 999;
    const third = revisionOf(three!);
    expect(await Promise.all([first, second, third])).toEqual([1, 1, 1]);
    expect(reads.map(({ ids }) => ids)).toEqual([['1', '2', '3']]);
  });

  test('no attempt that came after it, nor one whose turn is a second later', async () => {
    const { clock, reads, wait } = createDatabase();
    const [one, two] = [wait('1'), wait('2')];
    clock.nowMs += 1_000;
    const first = revisionOf(one);
    const late = wait('3');
    clock.nowMs += 1_000;
    const [second, third] = [revisionOf(two), revisionOf(late)];
    reads.forEach(({ answer }) => answer());
    expect(await Promise.all([first, second, third])).toEqual([1, 2, 2]);
    expect(reads.map(({ ids }) => ids)).toEqual([
      ['1', '2'],
      ['2', '3'],
    ]);
  });

  test('one endpoint of one account', async () => {
    const { clock, reads, wait } = createDatabase();
    const all = [wait('1'), wait('2', { webhookId: OTHER_WEBHOOK }), wait('3', { accountId: OTHER_ACCOUNT })];
    clock.nowMs += 1_000;
    all.forEach((waiting) => void waiting.revalidate());
    expect(reads.map(({ ids }) => ids)).toEqual([['1'], ['2'], ['3']]);
    expect(reads[2]?.of).toBe(`${OTHER_ACCOUNT} ${WEBHOOK}`);
  });

  test('at most two hundred that wait, the first of them, and for who asks', async () => {
    const { clock, reads, wait } = createDatabase();
    const all = Array.from({ length: 300 }, (_, n) => wait(String(n)));
    clock.nowMs += 1_000;
    const last = all[299]?.revalidate();
    const [first, beyond] = [all[0]?.revalidate(), all[250]?.revalidate()];
    expect(reads.map(({ ids }) => [ids.length, ids[0], ids.at(-1)])).toEqual([
      [201, '299', '199'],
      [201, '250', '200'],
    ]);
    reads.forEach(({ answer }) => answer());
    expect(await Promise.all([last, first, beyond])).toHaveLength(3);
  });
});

test('a shared answer that comes too late is asked for once more', async () => {
  const { clock, reads, wait } = createDatabase();
  const [one, two] = [wait('1'), wait('2')];
  clock.nowMs += 1_000;
  const first = revisionOf(one);
  clock.nowMs += 500;
  const second = revisionOf(two);
  clock.nowMs += 500;
  reads[0]?.answer();
  expect(await first).toBe(1);
  await turn();
  clock.nowMs += 5_000;
  reads[1]?.answer();
  expect([await second, reads.length]).toEqual([2, 2]);
});

test('a failure is told to those who share the read, and the next one reads again', async () => {
  const { clock, reads, wait } = createDatabase();
  const [one, two, three] = [wait('1'), wait('2'), wait('3')];
  clock.nowMs += 1_000;
  const failing = Promise.allSettled([one.revalidate(), two.revalidate()]);
  reads[0]?.fail();
  expect((await failing).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  const again = three.revalidate();
  reads[1]?.answer();
  expect(await again).toMatchObject({ deliveryId: '3' });
});

test('an attempt that ends a second time removes no other attempt', async () => {
  const { clock, reads, wait } = createDatabase();
  const one = wait('1');
  one.untrack();
  const [two] = [wait('2'), wait('3')];
  one.untrack();
  wait('4');
  clock.nowMs += 1_000;
  const second = two.revalidate();
  reads[0]?.answer();
  await second;
  expect(reads.map(({ ids }) => ids)).toEqual([['2', '3', '4']]);
});
