import { describe, expect, test } from '@jest/globals';
import { createCachedResolve } from '../../../outbound/cached-resolve.js';
import type { NameAnswer } from '../../../outbound/ask-name-servers.js';

const address = { address: '192.0.2.1', family: 4 } as const;

/** A name server that answers when it is told to, and a clock that stands still. */
function createNames() {
  const clock = { nowMs: 0 };
  const asked: string[] = [];
  const waiting: { answer: (answer: NameAnswer) => void; fail: (error: Error) => void }[] = [];
  const ask = (host: string) => {
    asked.push(host);
    return new Promise<NameAnswer>((answer, fail) => waiting.push({ answer, fail }));
  };
  const resolve = createCachedResolve({ askNameServers: ask, now: () => clock.nowMs });
  const answerWith = async (ttlSeconds: number, addresses: NameAnswer['addresses'] = [address]) => {
    const answer = resolve('a.acme.com');
    waiting.shift()?.answer({ addresses, ttlSeconds });
    return await answer;
  };
  return { clock, asked, waiting, resolve, answerWith };
}

describe('createCachedResolve', () => {
  test.each([
    [1, 999, 1_000],
    [5, 4_999, 5_000],
    [3_600, 4_999, 5_000],
  ])(
    'keeps an answer with a time to live of %d s for %d ms, and asks again after %d',
    async (ttlSeconds, keptMs, overMs) => {
      const { clock, asked, resolve, answerWith } = createNames();
      await answerWith(ttlSeconds);
      clock.nowMs = keptMs;
      expect(await resolve('a.acme.com')).toEqual([address]);
      expect(asked).toHaveLength(1);
      clock.nowMs = overMs;
      await answerWith(ttlSeconds);
      expect(asked).toHaveLength(2);
    },
  );

  test('keeps neither an answer without addresses nor one with a time to live of 0', async () => {
    const { asked, answerWith } = createNames();
    expect(await answerWith(3_600, [])).toEqual([]);
    await answerWith(0);
    await answerWith(0);
    expect(asked).toHaveLength(3);
  });

  test('asks once for all that want the same name at the same time', async () => {
    const { asked, waiting, resolve } = createNames();
    const answers = [resolve('a.acme.com'), resolve('a.acme.com'), resolve('b.acme.com')];
    expect(asked).toEqual(['a.acme.com', 'b.acme.com']);
    for (const { answer } of waiting) answer({ addresses: [address], ttlSeconds: 0 });
    expect(await Promise.all(answers)).toEqual([[address], [address], [address]]);
  });

  test('asks again after a failure', async () => {
    const { asked, waiting, resolve, answerWith } = createNames();
    const failing = resolve('a.acme.com');
    waiting.shift()?.fail(new Error('no server'));
    await expect(failing).rejects.toThrow('no server');
    expect(await answerWith(1)).toEqual([address]);
    expect(asked).toHaveLength(2);
  });
});
