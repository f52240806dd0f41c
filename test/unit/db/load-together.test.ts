import { expect, test } from '@jest/globals';
import type { AttemptMaterial } from '../../../db/load-attempts.js';
import { loadTogether } from '../../../db/load-together.js';

const of = (...ids: string[]) => ids.map((deliveryId) => ({ deliveryId, attempt: 1 }));
const ids = (materials: readonly AttemptMaterial[]) => materials.map(({ deliveryId }) => deliveryId);

/** A database that answers when it is told to. */
function slowDatabase() {
  const calls: { accountId: string; ids: string[]; answer: () => void; fail: (error: Error) => void }[] = [];
  const load = loadTogether(
    (accountId, requests) =>
      new Promise((resolve, reject) => {
        const wanted = requests.map(({ deliveryId }) => deliveryId);
        const answer = () =>
          resolve(wanted.filter((id) => id !== 'gone').map((deliveryId) => ({ deliveryId }) as AttemptMaterial));
        calls.push({ accountId, ids: wanted, answer, fail: reject });
      }),
  );
  return { calls, load };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('who asks alone is answered by a load of his own, at once', async () => {
  const { calls, load } = slowDatabase();
  const loaded = load('a', of('1', '2', 'gone'));
  expect(calls.map((call) => call.ids)).toEqual([['1', '2', 'gone']]);
  calls[0]!.answer();
  expect(ids(await loaded)).toEqual(['1', '2']);
});

test('who asks while one is under way shares the next one, which begins behind it', async () => {
  const { calls, load } = slowDatabase();
  const all = [load('a', of('1')), load('a', of('2')), load('a', of('3', '2')), load('b', of('4'))];
  expect(calls.map(({ accountId, ids: asked }) => [accountId, asked])).toEqual([
    ['a', ['1']],
    ['b', ['4']],
  ]);
  calls[0]!.answer();
  await turn();
  expect(calls[2]!.ids).toEqual(['2', '3']);
  calls.slice(1).forEach(({ answer }) => answer());
  expect((await Promise.all(all)).map(ids)).toEqual([['1'], ['2'], ['3', '2'], ['4']]);
});

test('a failure is told to those who share the load, and the next one is made all the same', async () => {
  const { calls, load } = slowDatabase();
  const all = Promise.allSettled([load('a', of('1')), load('a', of('2')), load('a', of('3'))]);
  calls[0]!.answer();
  await turn();
  calls[1]!.fail(new Error('away'));
  expect((await all).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
  await turn();
  const again = load('a', of('4'));
  calls[2]!.answer();
  expect(ids(await again)).toEqual(['4']);
});

test('a load is of at most so many', async () => {
  const { calls, load } = slowDatabase();
  const many = Array.from({ length: 250 }, (_, n) => load('a', of(String(n))));
  for (let n = 0; n < 3; n += 1) {
    calls[n]!.answer();
    await turn();
  }
  expect(calls.map((call) => call.ids.length)).toEqual([1, 200, 49]);
  expect(await Promise.all(many)).toHaveLength(250);
});
