import { createCipheriv, createSecretKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import {
  commitmentOf,
  EnvelopeError,
  parseEnvelope,
  sealSecret,
  withSecret,
} from '../../../../domain/security/envelope.js';

type Case = {
  dataKeyHex: string;
  dekDay: number;
  wrappedKeyAscii: string;
  accountId: string;
  webhookId: string;
  nonceHex: string;
  secretBase64: string;
  envelopeHex: string;
};
const [known] = (JSON.parse(readFileSync('test/vectors/envelope.json', 'utf8')) as { cases: [Case] }).cases;

const dataKey = createSecretKey(Buffer.from(known.dataKeyHex, 'hex'));
const ids = { accountId: known.accountId, webhookId: known.webhookId };
const secret = Buffer.from(known.secretBase64, 'base64');
const envelope = Buffer.from(known.envelopeHex, 'hex');
const wrappedKey = Buffer.from(known.wrappedKeyAscii);
const seal = (change: Partial<Parameters<typeof sealSecret>[0]> = {}) =>
  sealSecret({ dataKey, dataKeyDay: known.dekDay, wrappedKey, ...ids, secret, ...change });
const open = (change: Partial<Parameters<typeof withSecret>[0]> = {}) =>
  withSecret({ dataKey, envelope, ...ids, ...change }, (plain) => Buffer.from(plain));
/** Valid envelopes, so that the tests below fail for their changed part only. */
function sealedAndOpened(): Buffer {
  const fresh = seal();
  expect(open({ envelope: fresh })).toEqual(secret);
  return fresh;
}

function refusal(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}
/** One error for every fault: the same class and message, and no further fields. */
function expectRefused(run: () => unknown): void {
  const error = refusal(run);
  expect(error).toBeInstanceOf(EnvelopeError);
  expect({ ...(error as object), text: String(error) }).toEqual({
    name: 'EnvelopeError',
    text: 'EnvelopeError: secret envelope rejected',
  });
}

describe('sealSecret', () => {
  test('ENC-01 matches the known answer byte for byte', () => {
    expect(seal({ nonce: Buffer.from(known.nonceHex, 'hex') }).toString('hex')).toBe(known.envelopeHex);
  });

  test('takes a new nonce every time', () => {
    expect(seal().equals(seal())).toBe(false);
  });

  test('ENC-05 refuses a data key that is not 32 bytes', () => {
    for (const bytes of [16, 24, 31, 33]) expectRefused(() => seal({ dataKey: createSecretKey(Buffer.alloc(bytes)) }));
  });

  test.each<[string, Partial<Parameters<typeof sealSecret>[0]>]>([
    ['an empty secret', { secret: Buffer.alloc(0) }],
    ['a secret over 1024 bytes', { secret: Buffer.alloc(1025) }],
    ['no wrapped key', { wrappedKey: Buffer.alloc(0) }],
    ['a wrapped key over the limit of KMS', { wrappedKey: Buffer.alloc(6145) }],
    ['a day outside 16 bits', { dataKeyDay: 65_536 }],
    ['an id that is no UUID', { webhookId: 'wh_1' }],
    ['an id in capitals', { accountId: known.accountId.toUpperCase().replace('1', 'A') }],
    ['a short nonce', { nonce: Buffer.alloc(8) }],
  ])('refuses %s', (_what, change) => expectRefused(() => seal(change)));
});

describe('withSecret', () => {
  test('ENC-01 opens the known answer', () => {
    expect(open()).toEqual(secret);
    expect(open({ envelope: seal({ secret: Buffer.alloc(1024, 3) }) })).toEqual(Buffer.alloc(1024, 3));
  });

  test('ENC-02 every single-bit flip is refused with the same error', () => {
    const fresh = sealedAndOpened();
    for (let bit = 0; bit < fresh.length * 8; bit += 1) {
      const flipped = Buffer.from(fresh);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expectRefused(() => open({ envelope: flipped }));
    }
  });

  test('ENC-02 every truncation and a byte too much are refused with the same error', () => {
    const fresh = sealedAndOpened();
    for (let length = 0; length < fresh.length; length += 1) {
      expectRefused(() => open({ envelope: fresh.subarray(0, length) }));
    }
    expectRefused(() => open({ envelope: Buffer.concat([fresh, Buffer.alloc(1)]) }));
  });

  test('ENC-03 an envelope moved to another webhook or another account is refused', () => {
    const other = '33333333-3333-4333-8333-333333333333';
    const moved = { envelope: sealedAndOpened() };
    expectRefused(() => open({ ...moved, webhookId: other }));
    expectRefused(() => open({ ...moved, accountId: other }));
    expectRefused(() => open({ ...moved, accountId: known.webhookId, webhookId: known.accountId }));
    expectRefused(() => open({ ...moved, webhookId: 'not-a-uuid' }));
  });

  test('ENC-04 a tag of 4 bytes is refused, although it is a prefix of the right one', () => {
    const fresh = sealedAndOpened();
    expectRefused(() => open({ envelope: fresh.subarray(0, fresh.length - 12) }));
  });

  test('ENC-05 a data key of 16 bytes or another key of 32 is refused', () => {
    expectRefused(() => open({ dataKey: createSecretKey(Buffer.alloc(16)) }));
    expectRefused(() => open({ dataKey: createSecretKey(Buffer.alloc(32, 1)) }));
  });

  test('the commitment is what refuses a ciphertext made to open under a second key', () => {
    const second = createSecretKey(Buffer.alloc(32, 9));
    const { header, nonce } = parseEnvelope(envelope);
    const raw = (id: string) => Buffer.from(id.replaceAll('-', ''), 'hex');
    const cipher = createCipheriv('aes-256-gcm', second, nonce, { authTagLength: 16 });
    const label = Buffer.from('hook.webhook_configs.secret_enc\0');
    cipher.setAAD(Buffer.concat([label, header, raw(ids.accountId), raw(ids.webhookId)]));
    const forged = Buffer.concat([header, nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
    expectRefused(() => open({ dataKey: second, envelope: forged }));
  });

  test('ENC-09 the plaintext is all zeros afterwards, also when the callback throws', () => {
    const seen: Buffer[] = [];
    expect(withSecret({ dataKey, envelope, ...ids }, (plain) => seen.push(plain))).toBe(1);
    const failure = new Error('callback');
    const run = () =>
      withSecret({ dataKey, envelope, ...ids }, (plain) => {
        seen.push(plain);
        expect(plain).toEqual(secret);
        throw failure;
      });
    expect(refusal(run)).toBe(failure);
    expect(seen).toEqual([Buffer.alloc(24), Buffer.alloc(24)]);
  });
});

describe('parseEnvelope', () => {
  test('gives back the fields it was sealed with', () => {
    const { dataKeyDay, commitment, wrappedKey: wrapped, ciphertext } = parseEnvelope(envelope);
    expect({ dataKeyDay, wrapped: wrapped.toString(), length: ciphertext.length }).toEqual({
      dataKeyDay: known.dekDay,
      wrapped: known.wrappedKeyAscii,
      length: secret.length,
    });
    expect(commitment.equals(commitmentOf(dataKey))).toBe(true);
  });

  test.each<[string, (fields: Buffer) => Buffer]>([
    ['another magic', (fields) => fields.fill('WHS2', 0, 4)],
    ['another suite', (fields) => fields.fill(2, 4, 5)],
    ['no wrapped key', (fields) => fields.fill(0, 39, 41)],
    [
      'a wrapped key over the limit of KMS',
      (fields) => (fields.writeUInt16BE(6145, 39), Buffer.concat([fields, Buffer.alloc(6500)])),
    ],
    ['a secret over 1024 bytes', (fields) => Buffer.concat([fields, Buffer.alloc(1001)])],
  ])('refuses %s before any key is asked for', (_what, change) => {
    expectRefused(() => parseEnvelope(change(Buffer.from(envelope))));
  });

  test('a key object prints none of its bytes', () => {
    expect(inspect(dataKey) + JSON.stringify(dataKey)).not.toContain(known.dataKeyHex.slice(0, 16));
  });
});
