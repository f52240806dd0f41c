import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { createOutcomeWriter } from '../../../activities/outcome-writer.js';
import { DatabaseError, type DatabaseErrorKind } from '../../../db/errors.js';
import type { FinishedAttemptRow } from '../../../db/delivery-path/persist-attempts.js';
import { settledRowOf } from '../../support/settled.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

const row = (deliveryId: string): FinishedAttemptRow => settledRowOf({ deliveryId, accountId: 'a', webhookId: 'w' });
const failing = (kind: DatabaseErrorKind) => new DatabaseError(kind, 'X');

/** A writer that records its statements. `fail` may refuse a statement; `others` is the number of other unwritten attempts. */
function writerWith(
  fail: (ids: readonly string[], count: number) => Error | undefined = () => undefined,
  others: () => number = () => 0,
) {
  const statements: string[][] = [];
  let unwritten = 0;
  const answers: Record<string, boolean[]> = {};
  const writer = createOutcomeWriter({
    countUnwrittenAttempts: () => unwritten + others(),
    persistAttempts: async (rows) => {
      const ids = rows.map(({ deliveryId }) => deliveryId);
      statements.push(ids);
      const error = fail(ids, statements.length);
      await Promise.resolve();
      if (error !== undefined) throw error;
    },
  });
  const write = (...ids: string[]) => {
    for (const id of ids) {
      unwritten += 1;
      void writer.write(row(id)).then((written) => {
        unwritten -= 1;
        answers[id] = [...(answers[id] ?? []), written];
      });
    }
  };
  return { write, statements, answers };
}
const wait = (ms: number) => jest.advanceTimersByTimeAsync(ms);

describe('outcomes', () => {
  test('that come alone are written at once', async () => {
    const { write, statements } = writerWith();
    write('a');
    await wait(0);
    expect(statements).toEqual([['a']]);
  });

  test('wait until half of the attempts under way have ended, and are answered once they are written', async () => {
    const { write, statements, answers } = writerWith(undefined, () => 3);
    write('a');
    await wait(30);
    write('b');
    await wait(10);
    expect(statements).toEqual([]);
    write('c');
    await wait(0);
    expect(statements).toEqual([['a', 'b', 'c']]);
    expect(answers).toEqual({ a: [true], b: [true], c: [true] });
  });

  test('wait for fifty milliseconds at most, with any number of attempts under way', async () => {
    const { write, statements } = writerWith(undefined, () => 20);
    write('a');
    await wait(49);
    expect(statements).toEqual([]);
    await wait(1);
    expect(statements).toEqual([['a']]);
  });

  test('that come while others are being written are gathered as well', async () => {
    let others = 0;
    const { write, statements } = writerWith(
      (ids) => {
        if (ids.includes('a')) write('b');
        return undefined;
      },
      () => others,
    );
    write('a');
    others = 3;
    await wait(20);
    write('c');
    expect(statements).toEqual([['a']]);
    await wait(30);
    expect(statements).toEqual([['a'], ['b', 'c']]);
  });

  test('that come later have a statement of their own', async () => {
    const { write, statements } = writerWith();
    write('a');
    await wait(10);
    write('b');
    await wait(10);
    expect(statements).toEqual([['a'], ['b']]);
  });

  test('are written by two hundred at most', async () => {
    const { write, statements } = writerWith();
    write(...Array.from({ length: 450 }, (_, n) => String(n)));
    await wait(30);
    expect(statements.map(({ length }) => length)).toEqual([200, 200, 50]);
  });
});

describe('while the database is away', () => {
  test.each(['unavailable', 'contention', 'misconfigured'] as const)('a row is tried again (%s)', async (kind) => {
    const { write, statements, answers } = writerWith((_, count) => (count < 3 ? failing(kind) : undefined));
    write('a');
    await wait(1_000);
    expect(statements).toEqual([['a'], ['a'], ['a']]);
    expect(answers).toEqual({ a: [true] });
  });

  test('a row is given up after six seconds, and no statement follows', async () => {
    const { write, statements, answers } = writerWith(() => failing('unavailable'));
    write('a');
    await wait(5_999);
    expect(answers).toEqual({});
    await wait(1);
    expect(answers).toEqual({ a: [false] });
    await wait(1_000);
    const { length } = statements;
    await wait(10_000);
    expect(statements).toHaveLength(length);
  });

  test('a row is given up in time also where the statement itself hangs', async () => {
    let end: () => void = () => undefined;
    const hanging = createOutcomeWriter({
      countUnwrittenAttempts: () => 1,
      persistAttempts: () => new Promise((resolve) => (end = resolve)),
    });
    const told: boolean[] = [];
    void hanging.write(row('a')).then((written) => told.push(written));
    await wait(6_000);
    expect(told).toEqual([false]);
    end();
    await wait(10_000);
    expect(told).toEqual([false]);
  });

  test('a row that comes later is patient for a time of its own', async () => {
    let away = true;
    const { write, answers } = writerWith(() => (away ? failing('unavailable') : undefined));
    write('a');
    await wait(4_000);
    write('b');
    await wait(2_000);
    away = false;
    await wait(1_000);
    expect(answers).toEqual({ a: [false], b: [true] });
  });
});

describe('a row that is refused', () => {
  test.each(['refused_value', 'constraint', 'bug'] as const)('is given up alone, and at once (%s)', async (kind) => {
    const { write, answers } = writerWith((ids) => (ids.includes('bad') ? failing(kind) : undefined));
    write('a', 'bad', 'c');
    await wait(20);
    expect(answers).toEqual({ a: [true], bad: [false], c: [true] });
  });

  test('does not hold up what comes behind it', async () => {
    const { write, answers } = writerWith((ids) => (ids.includes('bad') ? failing('refused_value') : undefined));
    write('bad');
    await wait(5);
    write('b');
    await wait(5);
    expect(answers).toEqual({ bad: [false], b: [true] });
  });
});

test('every row is answered exactly once, with any result of the database', async () => {
  const kinds = fc.constantFrom('ok', 'unavailable', 'refused_value', 'contention', 'bug');
  await fc.assert(
    fc.asyncProperty(
      fc.array(kinds, { maxLength: 30 }),
      fc.array(fc.nat({ max: 2_000 }), { maxLength: 8 }),
      async (answers, pauses) => {
        const { write, answers: told } = writerWith((_, count) => {
          const kind = answers[count - 1] ?? 'ok';
          return kind === 'ok' ? undefined : failing(kind);
        });
        for (const [n, pause] of pauses.entries()) {
          write(`${String(n)}a`, `${String(n)}b`);
          await wait(pause);
        }
        await wait(20_000);
        expect(Object.keys(told)).toHaveLength(2 * pauses.length);
        for (const times of Object.values(told)) expect(times).toHaveLength(1);
      },
    ),
    { numRuns: 50 },
  );
});
