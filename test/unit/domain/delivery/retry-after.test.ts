import { describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { parseRetryAfter } from '../../../../domain/delivery/retry-after.js';

/** RFC 9110 §5.6.7 writes this instant in its three forms. */
const NOW = Date.UTC(1994, 10, 6, 8, 49, 7);
const SECOND = 1_000;
const DAY = 24 * 60 * 60 * SECOND;

describe('Retry-After', () => {
  test.each([
    ['no header', undefined, undefined],
    ['an empty header', '', undefined],
    ['blanks', '   ', undefined],
    ['seconds', '120', 120 * SECOND],
    ['seconds among blanks', ' 120 ', 120 * SECOND],
    ['no wait at all', '0', SECOND],
    ['exactly a day', '86400', DAY],
    ['more than a day', '86401', DAY],
    ['an absurd number', '9'.repeat(400), DAY],
    ['a date of today’s form', 'Sun, 06 Nov 1994 08:49:37 GMT', 30 * SECOND],
    ['a date of RFC 850', 'Sunday, 06-Nov-94 08:49:37 GMT', 30 * SECOND],
    ['a date of asctime, which is in UTC wherever we run', 'Sun Nov  6 08:49:37 1994', 30 * SECOND],
    ['a date with two digits of asctime', 'Wed Nov 16 08:49:37 1994', DAY],
    ['a date in the past', 'Sat, 05 Nov 1994 08:49:37 GMT', SECOND],
    ['a date in the far future', 'Fri, 31 Dec 9999 23:59:59 GMT', DAY],
  ])('%s', (_, header, expected) => {
    expect(parseRetryAfter(header, NOW)).toBe(expected);
  });

  test.each([
    '-1',
    '+5',
    '1.5',
    '1e3',
    '0x10',
    '5 seconds',
    'soon',
    'after 5',
    'Sun, garbage 5',
    'Sun, 06 Nov 1994 08:49:37 +0200',
    'Sun, 99 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 25:00:00 GMT',
    '1994-11-06T08:49:37Z',
    '12, 13',
  ])('%p means nothing and is ignored', (header) => {
    expect(parseRetryAfter(header, NOW)).toBeUndefined();
  });

  test('gives 1 s to 24 h or nothing, for any header', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.integer().map(String),
          fc.date({ noInvalidDate: true }).map((d) => d.toUTCString()),
        ),
        (header) => {
          const delay = parseRetryAfter(header, NOW);
          expect(delay === undefined || (delay >= SECOND && delay <= DAY)).toBe(true);
        },
      ),
    );
  });

  test('reads no date in the zone of this machine', () => {
    const parse = jest.spyOn(Date, 'parse');
    parseRetryAfter('Sun Nov  6 08:49:37 1994', NOW);
    expect(parse).toHaveBeenCalledWith(expect.stringMatching(/ GMT$/));
    parse.mockRestore();
  });

  test('reads every date as far as it is ahead', () => {
    const ahead = fc.integer({ min: 1, max: 86_400 });
    fc.assert(
      fc.property(ahead, (seconds) => {
        const header = new Date(NOW + seconds * SECOND).toUTCString();
        expect(parseRetryAfter(header, NOW)).toBe(seconds * SECOND);
      }),
    );
  });
});
