import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PREVIEW_UNITS, readPreview } from '../../../outbound/read-preview.js';

/** A lone surrogate has no UTF-8 form, so it does not survive the way there and back. */
const isWellFormed = (text: string) => Buffer.from(text).toString() === text;

async function* inChunks(bytes: Buffer, sizes: number[]): AsyncGenerator<Buffer> {
  for (let at = 0, i = 0; at < bytes.length; i += 1) {
    const size = sizes[i % sizes.length] ?? bytes.length;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}
async function* breakingOff(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
  throw new Error('reset');
}
const read = (text: string, sizes = [Infinity]) => readPreview(inChunks(Buffer.from(text), sizes));

describe('readPreview', () => {
  test('keeps a short body whole', async () => {
    expect(await read('hello')).toEqual({ preview: 'hello', truncated: false });
    expect(await read('')).toEqual({ preview: '', truncated: false });
    expect(await readPreview(null)).toEqual({ preview: '', truncated: false });
  });

  test('keeps 512 characters, and says when there were more', async () => {
    expect(await read('x'.repeat(512))).toEqual({ preview: 'x'.repeat(512), truncated: false });
    expect(await read('x'.repeat(513))).toEqual({ preview: 'x'.repeat(512), truncated: true });
  });

  test('HTTP-02 cuts before a surrogate pair, never through it', async () => {
    expect(await read(`${'x'.repeat(511)}😀`)).toEqual({ preview: 'x'.repeat(511), truncated: true });
    expect(await read(`${'x'.repeat(510)}😀y`)).toEqual({ preview: `${'x'.repeat(510)}😀`, truncated: true });
  });

  test('replaces NUL, which PostgreSQL cannot store', async () => {
    expect(await read('a\u0000b')).toEqual({ preview: 'a\uFFFDb', truncated: false });
  });

  test('shows that the body ends inside a character', async () => {
    const half = Buffer.from('aé').subarray(0, 2);
    expect(await readPreview(inChunks(half, [1]))).toEqual({ preview: 'a\uFFFD', truncated: false });
  });

  test('keeps what arrived before the connection broke', async () => {
    expect(await readPreview(breakingOff('abc'))).toEqual({ preview: 'abc', truncated: true });
  });

  test('HTTP-03 stops reading once it has enough', async () => {
    let pulled = 0;
    const endless = async function* () {
      for (;;) {
        pulled += 1;
        yield Buffer.alloc(1000, 'a');
      }
    };
    await readPreview(endless());
    expect(pulled).toBe(1);
  });

  test('HTTP-02 is the start of the decoded text, however the bytes were cut up', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 700 });
    const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(text, sizes, async (body, chunks) => {
        const whole = new TextDecoder().decode(Buffer.from(body)).replaceAll('\u0000', '\uFFFD');
        const { preview, truncated } = await read(body, chunks);
        expect(whole.startsWith(preview)).toBe(true);
        expect(truncated).toBe(whole.length > PREVIEW_UNITS);
        expect(preview.length).toBeGreaterThanOrEqual(Math.min(whole.length, PREVIEW_UNITS - 1));
        expect(preview.length).toBeLessThanOrEqual(PREVIEW_UNITS);
        expect(isWellFormed(preview)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('HTTP-02 is well formed for any bytes at all', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), sizes, async (bytes, chunks) => {
        const { preview } = await readPreview(inChunks(Buffer.from(bytes), chunks));
        expect(isWellFormed(preview) && preview.length <= PREVIEW_UNITS && !preview.includes('\u0000')).toBe(true);
      }),
    );
  });
});
