import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeMessage } from '../../../bridge/decode-message.js';

const accountId = '11111111-2222-4333-8444-555555555555';
const event = (more: object = {}) => ({
  id: 'evt_1',
  accountId,
  type: 'message.delivered',
  timestamp: '2026-11-23T10:00:00Z',
  data: { to: '+999000000001' },
  ...more,
});
const cloudEvent = (more: object = {}) => ({
  specversion: '1.0',
  source: 'sms',
  id: 'evt_1',
  accountid: accountId,
  type: 'message.delivered',
  time: '2026-11-23T10:00:00Z',
  data: {},
  ...more,
});
const decode = (message: unknown) =>
  decodeMessage(Buffer.from(typeof message === 'string' ? message : JSON.stringify(message)));
const problemsOf = (message: unknown) => {
  const decoded = decode(message);
  return decoded.ok ? [] : decoded.problems;
};
const KIB = 1024;
/** An event that contains this JSON text. */
const spoiltData = (json: string) => JSON.stringify(event({ data: { it: 0 } })).replace('"it":0', `"it":${json}`);
/** An event of exactly so many bytes. */
const eventOf = (bytes: number, more: object = {}) => {
  const empty = JSON.stringify(event({ data: { text: '' }, ...more })).length;
  return event({ data: { text: 'x'.repeat(bytes - empty) }, ...more });
};

describe('a message is accepted', () => {
  test('as a single event, whose text is kept as it came in', () => {
    const raw = `\n${JSON.stringify(event())} `;
    const { id: eventId, type: eventType, timestamp } = event();
    expect(decode(raw)).toEqual({
      ok: true,
      message: { accountId, raw, batch: false, events: [{ eventId, eventType, timestamp, position: null }] },
    });
  });

  test('as a CloudEvent in structured mode', () => {
    const decoded = decode(cloudEvent({ subject: 'ignored', datacontenttype: 'application/json' }));
    expect(decoded).toMatchObject({ ok: true, message: { accountId, events: [{ eventId: 'evt_1', position: null }] } });
  });

  test('as a batch, of either form', () => {
    const decoded = decode([event(), cloudEvent({ id: 'evt_2' })]);
    expect(decoded).toMatchObject({
      message: {
        batch: true,
        events: [
          { eventId: 'evt_1', position: 0 },
          { eventId: 'evt_2', position: 1 },
        ],
      },
    });
  });

  test('with its account in lower case, wherever its producer wrote it otherwise', () => {
    const accountId = 'ABCDEF01-2222-4333-8444-555555555555';
    expect(decode([event({ accountId }), event({ accountId: accountId.toLowerCase() })])).toMatchObject({
      message: { accountId: accountId.toLowerCase() },
    });
  });

  test('with an id once, the first, where a batch repeats it', () => {
    const decoded = decode([event({ type: 'a' }), event({ id: 'evt_2' }), event({ type: 'b' })]);
    expect(decoded).toMatchObject({
      message: {
        events: [
          { eventType: 'a', position: 0 },
          { eventId: 'evt_2', position: 1 },
        ],
      },
    });
  });

  test.each([
    ['an event of 256 KiB', eventOf(256 * KIB)],
    ['an id of 64 characters', event({ id: 'A-z_0'.padEnd(64, '9') })],
    ['a type of 100 characters', event({ type: 'a_0.'.padEnd(100, 'z') })],
    ['100 events', Array.from({ length: 100 }, (_, n) => event({ id: `evt_${String(n)}` }))],
    ['no data', event({ data: {} })],
    ['a time with an offset', event({ timestamp: '2026-11-23T10:00:00.123+05:30' })],
    ['an escaped pair of surrogates', spoiltData('"\\ud83d\\ude00"')],
  ])('with %s', (_, message) => {
    expect(decode(message).ok).toBe(true);
  });

  test('of 1 MiB', () => {
    const size = 1024 * KIB;
    const frame = 5; // brackets and commas around four events
    const events = Array.from({ length: 4 }, (_, n) => eventOf((size - frame - 3) / 4, { id: `evt_${String(n)}` }));
    const raw = JSON.stringify(events);
    expect(decode(raw.padEnd(size)).ok).toBe(true);
    expect(problemsOf(raw.padEnd(size + 1))).toEqual([{ path: '', problem: 'larger than 1048576 bytes' }]);
  });
});

describe('a message is refused, and told why,', () => {
  test.each<[string, unknown, string, string | RegExp]>([
    ['that is not JSON', '{', '', 'not JSON'],
    ['that is empty', '', '', 'not JSON'],
    ['that is no object', '"text"', '', /expected object/i],
    ['that is null', 'null', '', /expected object/i],
    ['whose event is larger than 256 KiB', eventOf(256 * KIB + 1), '', 'larger than 262144 bytes'],
    ['whose batch has such an event', [event(), eventOf(256 * KIB + 1, { id: 'b' })], '/1', 'larger than 262144 bytes'],
    ['whose batch is empty', [], '', 'a batch has 1 to 100 events'],
    ['with 101 events', Array.from({ length: 101 }, (_, n) => event({ id: `e${String(n)}` })), '', /1 to 100/],
    ['with a batch inside', [[event()]], '/0', /expected object/i],
    ['of two accounts', [event(), event({ id: 'b', accountId: accountId.replace('1', '2') })], '/1', /one account/],
    ['with an id of 65 characters', event({ id: 'e'.repeat(65) }), '/id', /at most 64/],
    ['with a dot in its id', event({ id: 'evt.1' }), '/id', /letters/],
    ['with an id that is a number', event({ id: 1 }), '/id', /expected string/],
    ['without an id', event({ id: undefined }), '/id', /expected string/],
    ['with a type in capitals', event({ type: 'Message' }), '/type', /lower-case/],
    ['with a type of 101 characters', event({ type: 't'.repeat(101) }), '/type', /at most 100/],
    ['with a customer number for an account', event({ accountId: '4711' }), '/accountId', 'a UUID'],
    ['with a time without an offset', event({ timestamp: '2026-11-23T10:00:00' }), '/timestamp', /RFC 3339/],
    ['with a list for data', event({ data: [] }), '/data', 'a JSON object'],
    ['without data', event({ data: undefined }), '/data', 'a JSON object'],
    ['with a field that nobody knows', event({ extra: 1 }), '', 'unknown field'],
    ['of another CloudEvents version', cloudEvent({ specversion: '0.3' }), '/specversion', /1\.0/],
    ['of CloudEvents without an account', cloudEvent({ accountid: undefined }), '/accountid', 'a UUID'],
    ['of CloudEvents in another format', cloudEvent({ datacontenttype: 'text/xml' }), '/datacontenttype', /json/],
    ['with an event amiss in a batch', [event(), event({ id: '' })], '/1/id', /letters/],
  ])('%s', (_, message, path, problem) => {
    expect(problemsOf(message)).toContainEqual({
      path,
      problem: typeof problem === 'string' ? problem : expect.stringMatching(problem),
    });
  });

  test.each([
    ['a NUL character', '"\\u0000"'],
    ['a high surrogate alone', '"\\ud83d"'],
    ['a low surrogate alone', '"\\ude00"'],
    ['surrogates the wrong way round', '"\\ude00\\ud83d"'],
    ['a NUL deep inside', '[{"a":["\\u0000"]}]'],
    ['a NUL in a name', '{"\\u0000":1}'],
  ])('with %s, which PostgreSQL cannot store', (_, value) => {
    expect(problemsOf(spoiltData(value))).toEqual([
      { path: '', problem: 'a NUL character or a lone surrogate in a string' },
    ]);
  });

  test('that is not UTF-8', () => {
    const decoded = decodeMessage(Buffer.from([0x7b, 0xff, 0x7d]));
    expect(decoded).toEqual({ ok: false, problems: [{ path: '', problem: 'not UTF-8' }] });
  });

  test.each([
    ['a batch', (deep: string) => `[${deep}]`],
    ['an escape', (deep: string) => `{"a":"\\u0041","b":${deep}}`],
  ])('with lists nested deeper than can be walked through, in %s', (_, around) => {
    const depth = 200_000;
    const raw = around('['.repeat(depth) + ']'.repeat(depth));
    expect(problemsOf(raw)).toEqual([{ path: '', problem: 'nested too deep' }]);
  });
});

describe('a problem', () => {
  test('never repeats a value or an unknown name of the message', () => {
    const canary = 'CANARY';
    const spoilt = {
      [canary]: canary,
      id: `${canary}!`,
      type: canary,
      accountId: canary,
      timestamp: canary,
      data: canary,
    };
    for (const message of [spoilt, [spoilt], { specversion: canary, ...spoilt, time: canary, accountid: canary }]) {
      const problems = problemsOf(message);
      expect(problems.length).toBeGreaterThan(0);
      expect(JSON.stringify(problems)).not.toContain(canary);
    }
  });

  test('is reported for any bytes and any JSON, without an exception', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((json) => Buffer.from(json)),
        ),
        (data) => {
          const decoded = decodeMessage(data);
          expect(decoded.ok || decoded.problems.length > 0).toBe(true);
        },
      ),
    );
  });
});
