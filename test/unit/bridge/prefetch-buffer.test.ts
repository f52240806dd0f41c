import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type BufferedMessage, createPrefetchBuffer } from '../../../bridge/prefetch-buffer.js';

const never = new AbortController().signal;
let sequence = 0;

/** A message of this account that notes what it is told. */
function arrivalOf(
  accountId: string,
  { bytes = 1, told = [] as string[], at = (sequence += 1) } = {},
): BufferedMessage {
  const pulled = {
    data: new Uint8Array(bytes),
    sequence: at,
    deliveryCount: 1,
    receivedAtMs: 0,
    acknowledge: async () => true,
    returnAfter: (ms: number) => void told.push(`later ${String(ms)}`),
    extendAckWait: () => void told.push('held'),
  };
  const message = { accountId, raw: '', batch: false, events: [] };
  return { pulled, decoded: accountId === '' ? { ok: false, problems: [] } : { ok: true, message } };
}
const accountsOf = (arrivals: readonly BufferedMessage[]) =>
  arrivals.map(({ decoded }) => (decoded.ok ? decoded.message.accountId : ''));

describe('the window', () => {
  test('lets accounts take turns, whatever the burst before them; what cannot be read is one of them', () => {
    const window = createPrefetchBuffer({ capacity: 100 });
    for (const account of ['a', 'a', 'a', 'a', 'b', '', 'b']) window.put(arrivalOf(account));
    expect(accountsOf(window.take(5))).toEqual(['a', 'b', '', 'a', 'b']);
    window.put(arrivalOf('c'));
    expect(accountsOf(window.take(9))).toEqual(['a', 'c', 'a']);
    expect([window.size(), window.take(1)]).toEqual([0, []]);
  });

  test('keeps the order within an account', () => {
    const window = createPrefetchBuffer({ capacity: 100 });
    const [first, second, third] = [arrivalOf('a'), arrivalOf('a'), arrivalOf('a')];
    for (const arrival of [first, second, third]) window.put(arrival);
    expect(window.take(2)).toEqual([first, second]);
    expect(window.take(2)).toEqual([third]);
  });

  test('has the later of two hand-outs of a message, once', () => {
    const window = createPrefetchBuffer({ capacity: 100 });
    window.put(arrivalOf('a', { at: 7 }));
    const later = arrivalOf('a', { at: 7 });
    window.put(later);
    expect(window.size()).toBe(1);
    expect(window.take(2)).toEqual([later]);
  });

  test('has room by messages and by bytes', () => {
    const window = createPrefetchBuffer({ capacity: 3, maxBytes: 10 });
    window.put(arrivalOf('a', { bytes: 4 }));
    expect(window.freeMessages()).toBe(2);
    window.put(arrivalOf('a', { bytes: 6 }));
    expect(window.freeMessages()).toBe(0);
    window.take(1);
    expect(window.freeMessages()).toBe(2);
  });

  test('asks for more when a quarter is free, not for each message that leaves', async () => {
    const window = createPrefetchBuffer({ capacity: 8 });
    for (let n = 0; n < 8; n += 1) window.put(arrivalOf('a'));
    let free = false;
    const waiting = window.waitForRoom(never).then(() => (free = true));
    window.take(1);
    await Promise.resolve();
    expect(free).toBe(false);
    window.take(1);
    await waiting;
  });

  test('tells when something is held, and stops waiting when told to', async () => {
    const window = createPrefetchBuffer({ capacity: 8 });
    const filled = window.waitForMessage(never);
    window.put(arrivalOf('a'));
    await filled;
    await createPrefetchBuffer({ capacity: 8 }).waitForMessage(AbortSignal.abort());
  });

  test('keeps its claim to what it holds, and gives all of it back', () => {
    const window = createPrefetchBuffer({ capacity: 8 });
    const told: string[] = [];
    for (const account of ['a', 'b']) window.put(arrivalOf(account, { told }));
    window.extendAckWaits();
    window.returnAll();
    expect([told, window.size()]).toEqual([['held', 'held', 'later 0', 'later 0'], 0]);
  });

  test('hands out everything once, and nobody waits for more than one of each other account', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 40 }), (accounts) => {
        const window = createPrefetchBuffer({ capacity: 100 });
        accounts.forEach((account) => window.put(arrivalOf(account)));
        const taken = accountsOf(window.take(100));
        expect([...taken].sort()).toEqual([...accounts].sort());
        const distinct = new Set(accounts).size;
        for (const account of new Set(accounts)) expect(taken.indexOf(account)).toBeLessThan(distinct);
      }),
    );
  });
});
