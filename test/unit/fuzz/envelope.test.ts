import { createSecretKey, randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { EnvelopeError, parseEnvelope, sealSecret, withSecret } from '../../../domain/security/envelope.js';
import { SEED, TIMES } from './seed.js';

const dataKey = createSecretKey(randomBytes(32));
const ids = { accountId: '11111111-1111-4111-8111-111111111111', webhookId: '22222222-2222-4222-8222-222222222222' };
const run = { seed: SEED, numRuns: TIMES };

const bytes = (maxLength: number) => fc.uint8Array({ minLength: 1, maxLength }).map((all) => Buffer.from(all));
const sealed = fc
  .record({ wrappedKey: bytes(64), secret: bytes(64), dataKeyDay: fc.nat(0xffff) })
  .map((parts) => ({ ...parts, envelope: sealSecret({ dataKey, ...ids, ...parts }) }));

/** Cut, stretched, overwritten, its lengths lied about, or put together from two. */
const changed = fc.tuple(sealed, sealed, fc.nat(), fc.nat(5), bytes(4)).map(([one, two, at, how, put]) => {
  const { envelope } = one;
  const place = at % envelope.length;
  const ways = [
    () => envelope.subarray(0, place),
    () => Buffer.concat([envelope, put]),
    () => Buffer.concat([envelope.subarray(0, place), put, envelope.subarray(place + put.length)]),
    () => Buffer.concat([envelope.subarray(0, 39), put.subarray(0, 2), envelope.subarray(41)]),
    () => Buffer.concat([envelope.subarray(0, place), two.envelope.subarray(place)]),
    () => Buffer.concat([envelope.subarray(0, place), envelope.subarray(place + 1)]),
  ];
  return { original: envelope, other: two.envelope, envelope: ways[how]!() };
});
const noise = fc
  .tuple(fc.constantFrom('', 'WHS1', 'WHS1\u0001', 'WHS2\u0001'), fc.uint8Array({ maxLength: 120 }))
  .map(([start, rest]) => Buffer.concat([Buffer.from(start, 'latin1'), rest]));

/** Undefined where it was refused, in the one way there is. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    expect(error).toBeInstanceOf(EnvelopeError);
    return undefined;
  }
}

test(`ENC-02 any bytes are an envelope or none, and all bytes of an envelope belong to a field, seed ${String(SEED)}`, () => {
  fc.assert(
    fc.property(
      fc.oneof(
        noise,
        changed.map(({ envelope }) => envelope),
        sealed.map(({ envelope }) => envelope),
      ),
      (any) => {
        const fields = attempt(() => parseEnvelope(any));
        if (fields === undefined) return;
        const { header, nonce, ciphertext, tag, wrappedKey, commitment, dataKeyDay } = fields;
        expect(Buffer.concat([header, nonce, ciphertext, tag])).toEqual(any);
        const view = new DataView(any.buffer, any.byteOffset, any.length);
        expect([any.toString('latin1', 0, 4), any[4]]).toEqual(['WHS1', 1]);
        expect([dataKeyDay, wrappedKey.length]).toEqual([view.getUint16(5), view.getUint16(39)]);
        expect([commitment.length, nonce.length, tag.length]).toEqual([32, 12, 16]);
        expect(header.subarray(41)).toEqual(wrappedKey);
      },
    ),
    run,
  );
});

test(`ENC-02 nothing but what was sealed is opened, seed ${String(SEED)}`, () => {
  const open = (envelope: Buffer) => withSecret({ dataKey, envelope, ...ids }, (secret) => Buffer.from(secret));
  fc.assert(
    fc.property(sealed, ({ envelope, secret }) => expect(open(envelope)).toEqual(secret)),
    { ...run, numRuns: TIMES / 10 },
  );
  fc.assert(
    fc.property(changed, ({ envelope, original, other }) => {
      if (envelope.equals(original) || envelope.equals(other)) return;
      expect(attempt(() => open(envelope))).toBeUndefined();
    }),
    run,
  );
});
