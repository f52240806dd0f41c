import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeMessage } from '../../../bridge/decode-message.js';
import { mayBeDecoded } from './reference-message.js';
import { SEED, TIMES } from './seed.js';

const CANARY = '999123456789';
const account = '11111111-2222-4333-8444-55555555abcd';
const plain = {
  id: 'evt_1',
  accountId: account,
  type: 'message.delivered',
  timestamp: '2026-11-23T10:15:00Z',
  data: { to: `+${CANARY}` } as unknown,
};
const cloud = {
  specversion: '1.0',
  source: 'sms',
  id: 'evt_2',
  accountid: account,
  type: 'a.b',
  time: plain.timestamp,
  data: {} as unknown,
};

/** Values that producers send by mistake, and values that only an attacker sends. */
const odd = fc.oneof(
  fc.constantFrom<unknown>(null, true, 0, -0, 1e308, '', [], {}, [[]], '\u0000', '\ud800', 'a\\u0000', '1.0'),
  fc.constantFrom<unknown>(account.toUpperCase(), `${account}\n`, account.replace('1', '２'), 'x'.repeat(101), 'evt.1'),
  fc.constantFrom<unknown>('2026-11-23', '2026-11-23T10:15:00', '2026-13-40T99:99:99Z', '2026-11-23T10:15:00+01:00'),
  fc.constantFrom<unknown>(
    { to: 'x\u0000' },
    { '\udfff': 1 },
    { ['__proto__']: { a: 1 } },
    JSON.parse('{"__proto__":1}'),
  ),
  fc.jsonValue(),
  fc.string({ unit: 'binary', maxLength: 8 }),
);
const field = fc.constantFrom(...Object.keys({ ...plain, ...cloud }), '__proto__', 'constructor', CANARY);

const event = fc
  .tuple(fc.constantFrom<object>(plain, cloud), fc.option(fc.tuple(field, odd), { freq: 2 }), fc.boolean())
  .map(([base, change, removed]) => {
    const [name = '', value] = change ?? [];
    const rest = Object.entries(base).filter(([key]) => !(removed && key === name));
    const changed: [string, unknown][] = change === null || removed ? [] : [[name, value]];
    return Object.fromEntries([...rest, ...changed]);
  });
const message = fc.oneof(
  { weight: 4, arbitrary: event },
  { weight: 3, arbitrary: fc.array(event, { maxLength: 4 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 99, 100, 101).map((n) => Array<object>(n).fill(plain)) },
  { weight: 1, arbitrary: odd },
);

const number = fc.constantFrom('1e308', '1e309', '-1E+999', '1e-400', '0.1e0308', '1e131000', '9'.repeat(400));
const texts = fc.tuple(message, fc.option(number)).map(([value, spelled]) => {
  const text = JSON.stringify(value);
  return spelled === null ? text : text.replace('"data":{', `"data":{"n":${spelled},`).replace(',}', '}');
});
/** A few bytes in place of others, anywhere. */
const bytes = fc
  .tuple(texts, fc.nat(), fc.nat(3), fc.option(fc.uint8Array({ maxLength: 3 }), { freq: 1 }))
  .map(([text, at, cut, put]) => {
    const whole = Buffer.from(text);
    const place = at % (whole.length + 1);
    return put === null ? whole : Buffer.concat([whole.subarray(0, place), put, whole.subarray(place + cut)]);
  });

test(`a message is decoded or refused, never both and never with an error, seed ${String(SEED)}`, () => {
  const counts = { accepted: 0, refused: 0 };
  fc.assert(
    fc.property(bytes, (data) => {
      const decoded = decodeMessage(data);
      counts[decoded.ok ? 'accepted' : 'refused'] += 1;
      if (decoded.ok) expect([data.toString(), mayBeDecoded(data)]).toEqual([data.toString(), true]);
    }),
    { seed: SEED, numRuns: TIMES },
  );
  expect(Math.min(counts.accepted, counts.refused)).toBeGreaterThan(TIMES / 10);
});

test(`a refusal repeats nothing of the message, seed ${String(SEED)}`, () => {
  const NAMES = /^(\/\d+)?(\/(id|accountId|type|timestamp|data|specversion|source|time|accountid|datacontenttype))?$/;
  fc.assert(
    fc.property(bytes, (data) => {
      const decoded = decodeMessage(data);
      if (decoded.ok) return;
      expect(decoded.problems.length).toBeGreaterThan(0);
      for (const { path, problem } of decoded.problems) {
        expect(path).toMatch(NAMES);
        expect(problem).toMatch(/^[\x20-\x7e]{1,120}$/);
        expect(problem).not.toMatch(/\d{6}|proto/);
      }
    }),
    { seed: SEED, numRuns: TIMES },
  );
});
