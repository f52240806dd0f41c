import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { signStandardWebhook } from '../../../../domain/security/signing.js';

type Case = {
  name: string;
  keyBase64?: string;
  keysHex?: string[];
  keysBase64?: string[];
  id: string;
  timestamp: number;
  body: string;
  signature: string;
};
const vectors = JSON.parse(readFileSync('test/vectors/signing.json', 'utf8')) as { cases: Case[] };

const keysOf = ({ keyBase64, keysHex = [], keysBase64 = [] }: Case) => [
  ...(keyBase64 === undefined ? [] : [Buffer.from(keyBase64, 'base64')]),
  ...keysHex.map((key) => Buffer.from(key, 'hex')),
  ...keysBase64.map((key) => Buffer.from(key, 'base64')),
];

const key = Buffer.alloc(32, 7);
const now = () => Math.floor(Date.now() / 1000);
const sign = (change: Partial<Parameters<typeof signStandardWebhook>[0]> = {}) =>
  signStandardWebhook({ id: 'evt_1', timestampSeconds: now(), body: Buffer.from('{"a":1}'), keys: [key], ...change });
const verifier = (bytes = key) => new Webhook(bytes.toString('base64'));

describe('signStandardWebhook', () => {
  test.each(vectors.cases)('SIG-01 matches the known answer: $name', (known) => {
    const { id, timestamp: timestampSeconds, body } = known;
    expect(signStandardWebhook({ id, timestampSeconds, body: Buffer.from(body), keys: keysOf(known) })).toEqual({
      'webhook-id': id,
      'webhook-timestamp': String(timestampSeconds),
      'webhook-signature': known.signature,
    });
  });

  test('SIG-01 the official library accepts it', () => {
    expect(verifier().verify('{"a":1}', sign())).toEqual({ a: 1 });
  });

  test('SIG-01 during an overlap a receiver with either key accepts it', () => {
    const other = Buffer.alloc(24, 9);
    const headers = sign({ keys: [other, key] });
    expect(verifier().verify('{"a":1}', headers)).toEqual({ a: 1 });
    expect(verifier(other).verify('{"a":1}', headers)).toEqual({ a: 1 });
  });

  test('SIG-05 any changed byte of the body, id, time or key is refused', () => {
    const headers = sign();
    const body = '{"a":1}';
    expect(verifier().verify(body, headers)).toEqual({ a: 1 });
    for (let at = 0; at < body.length; at += 1) {
      const changed = body.slice(0, at) + String.fromCharCode(body.charCodeAt(at) ^ 1) + body.slice(at + 1);
      expect(() => verifier().verify(changed, headers)).toThrow();
    }
    expect(() => verifier().verify(body, { ...headers, 'webhook-id': 'evt_2' })).toThrow();
    expect(() => verifier().verify(body, { ...headers, 'webhook-timestamp': String(now() - 1) })).toThrow();
    expect(() => verifier(Buffer.alloc(32, 8)).verify(body, headers)).toThrow();
  });

  test('SIG-05 no two inputs that differ in one byte have one signature', () => {
    const body = Buffer.from('{"a":1}');
    const changes = [...body.keys()].map((at) => {
      const changed = Buffer.from(body);
      changed[at]! ^= 1;
      return { body: changed };
    });
    const timestamp = 1_700_000_000;
    const other = [{ id: 'evt_2' }, { timestampSeconds: timestamp + 1 }, { keys: [Buffer.alloc(32, 8)] }];
    const all = [{}, ...changes, ...other].map(
      (change) => sign({ timestampSeconds: timestamp, ...change })['webhook-signature'],
    );
    expect(new Set(all).size).toBe(all.length);
  });

  test('signs bytes, not text: bodies that differ only in invalid UTF-8 have different signatures', () => {
    const [a, b] = [Buffer.from([0xff]), Buffer.from([0xfe])].map((body) => sign({ body })['webhook-signature']);
    expect(a).not.toBe(b);
  });

  test.each(['a.b', '', 'a b', 'a\n', 'é', 'x'.repeat(257)])('SIG-06 refuses the id %j', (id) => {
    expect(() => sign({ id })).toThrow(TypeError);
  });

  test.each([1.5, -1, NaN, Infinity])('refuses %d as a timestamp', (timestamp) => {
    expect(() => sign({ timestampSeconds: timestamp })).toThrow(TypeError);
  });

  test('refuses an empty key and no key at all', () => {
    expect(() => sign({ keys: [] })).toThrow(TypeError);
    expect(() => sign({ keys: [key, Buffer.alloc(0)] })).toThrow(TypeError);
  });
});
