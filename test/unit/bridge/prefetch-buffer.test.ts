import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type BufferedMessage, createPrefetchBuffer } from '../../../bridge/prefetch-buffer.js';

const never = new AbortController().signal;
let sequence = 0;

/** A message of this account that records its calls. */
function arrivalOf(
  accountId: string,
  { bytes = 1, calls = [] as string[], at = (sequence += 1) } = {},
): BufferedMessage {
  const pulled = {
    data: new Uint8Array(bytes),
    sequence: at,
    deliveryCount: 1,
    receivedAtMs: 0,
    acknowledge: async () => true,
    returnAfter: (ms: number) => void calls.push(`returnAfter ${String(ms)}`),
    extendAckWait: () => void calls.push('extendAckWait'),
  };
  const message = { accountId, raw: '', batch: false, events: [] };
  return { pulled, decoded: accountId === '' ? { ok: false, problems: [] } : { ok: true, message } };
}
const accountsOf = (arrivals: readonly BufferedMessage[]) =>
  arrivals.map(({ decoded }) => (decoded.ok ? decoded.message.accountId : ''));

describe('the window', () => {
  test('serves accounts in turn after a burst of one; unreadable messages count as one account', () => {
    const buffer = createPrefetchBuffer({ capacity: 100 });
    for (const account of ['a', 'a', 'a', 'a', 'b', '', 'b']) buffer.put(arrivalOf(account));
    expect(accountsOf(buffer.take(5))).toEqual(['a', 'b', '', 'a', 'b']);
    buffer.put(arrivalOf('c'));
    expect(accountsOf(buffer.take(9))).toEqual(['a', 'c', 'a']);
    expect([buffer.size(), buffer.take(1)]).toEqual([0, []]);
  });

  test('keeps the order within an account', () => {
    const buffer = createPrefetchBuffer({ capacity: 100 });
    const [first, second, third] = [arrivalOf('a'), arrivalOf('a'), arrivalOf('a')];
    for (const arrival of [first, second, third]) buffer.put(arrival);
    expect(buffer.take(2)).toEqual([first, second]);
    expect(buffer.take(2)).toEqual([third]);
  });

  test('has the later of two hand-outs of a message, once', () => {
    const buffer = createPrefetchBuffer({ capacity: 100 });
    buffer.put(arrivalOf('a', { at: 7 }));
    const later = arrivalOf('a', { at: 7 });
    buffer.put(later);
    expect(buffer.size()).toBe(1);
    expect(buffer.take(2)).toEqual([later]);
  });

  test('has room by messages and by bytes', () => {
    const buffer = createPrefetchBuffer({ capacity: 3, maxBytes: 10 });
    buffer.put(arrivalOf('a', { bytes: 4 }));
    expect(buffer.freeMessages()).toBe(2);
    buffer.put(arrivalOf('a', { bytes: 6 }));
    expect(buffer.freeMessages()).toBe(0);
    buffer.take(1);
    expect(buffer.freeMessages()).toBe(2);
  });

  test('asks for more when a quarter is free, not for each message that leaves', async () => {
    const buffer = createPrefetchBuffer({ capacity: 8 });
    for (let n = 0; n < 8; n += 1) buffer.put(arrivalOf('a'));
    let free = false;
    const waiting = buffer.waitForRoom(never).then(() => (free = true));
    buffer.take(1);
    await Promise.resolve();
    expect(free).toBe(false);
    buffer.take(1);
    await waiting;
  });

  test('tells when something is held, and stops waiting when told to', async () => {
    const buffer = createPrefetchBuffer({ capacity: 8 });
    const filled = buffer.waitForMessage(never);
    buffer.put(arrivalOf('a'));
    await filled;
    await createPrefetchBuffer({ capacity: 8 }).waitForMessage(AbortSignal.abort());
  });

  test('keeps its claim to what it holds, and gives all of it back', () => {
    const buffer = createPrefetchBuffer({ capacity: 8 });
    const calls: string[] = [];
    for (const account of ['a', 'b']) buffer.put(arrivalOf(account, { calls }));
    buffer.extendAckWaits();
    buffer.returnAll();
    expect([calls, buffer.size()]).toEqual([['extendAckWait', 'extendAckWait', 'returnAfter 0', 'returnAfter 0'], 0]);
  });

  test('hands out everything once, and each account waits for at most one message of each other account', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 40 }), (accounts) => {
        const buffer = createPrefetchBuffer({ capacity: 100 });
        accounts.forEach((account) => buffer.put(arrivalOf(account)));
        const taken = accountsOf(buffer.take(100));
        expect([...taken].sort()).toEqual([...accounts].sort());
        const distinct = new Set(accounts).size;
        for (const account of new Set(accounts)) expect(taken.indexOf(account)).toBeLessThan(distinct);
      }),
    );
  });
});
