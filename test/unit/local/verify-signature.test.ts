import { describe, expect, test } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { verifySignature } from '../../../local/customer/verify-signature.js';

const secret = `whsec_${Buffer.alloc(24, 3).toString('base64')}`;
const at = new Date('2026-01-02T03:04:05Z');
const now = at.getTime() / 1_000;
const body = Buffer.from('{"a":1}');
const signed = {
  id: 'evt_1',
  timestamp: String(now),
  signatures: new Webhook(secret).sign('evt_1', at, body.toString()),
  body,
};

describe("the customer's own verification", () => {
  test('accepts what the reference library signed, up to five minutes old or early', () => {
    expect(verifySignature(signed, secret, now)).toBe(true);
    expect(verifySignature(signed, secret, now + 300)).toBe(true);
    expect(verifySignature(signed, secret, now - 300)).toBe(true);
  });

  test('refuses a stale or early timestamp and one that is no number', () => {
    expect(verifySignature(signed, secret, now + 301)).toBe(false);
    expect(verifySignature(signed, secret, now - 301)).toBe(false);
    expect(verifySignature({ ...signed, timestamp: '' }, secret, now)).toBe(false);
  });

  test('refuses another id, body, secret, version and a shortened signature', () => {
    expect(verifySignature({ ...signed, id: 'evt_2' }, secret, now)).toBe(false);
    expect(verifySignature({ ...signed, body: Buffer.from('{"a":2}') }, secret, now)).toBe(false);
    expect(verifySignature(signed, `whsec_${Buffer.alloc(24, 4).toString('base64')}`, now)).toBe(false);
    expect(verifySignature({ ...signed, signatures: signed.signatures.replace('v1,', 'v2,') }, secret, now)).toBe(
      false,
    );
    expect(verifySignature({ ...signed, signatures: signed.signatures.slice(0, 20) }, secret, now)).toBe(false);
  });

  test('accepts when any of several signatures fits', () => {
    const several = { ...signed, signatures: `v1,AAAA v1a,BBBB ${signed.signatures}` };
    expect(verifySignature(several, secret, now)).toBe(true);
  });
});
