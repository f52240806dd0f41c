import { describe, expect, test } from '@jest/globals';
import { generateSecret, parseSecretInput } from '../../../../domain/security/secret-input.js';

const whsec = (bytes: number) => `whsec_${Buffer.alloc(bytes, 0xa7).toString('base64')}`;

describe('parseSecretInput', () => {
  test.each([24, 25, 26, 32, 64])('takes whsec_ with %d bytes', (bytes) => {
    expect(parseSecretInput(whsec(bytes))).toEqual({ ok: true, key: Buffer.alloc(bytes, 0xa7) });
  });

  test.each([0, 1, 23, 65, 75])('refuses whsec_ with %d bytes', (bytes) => {
    expect(parseSecretInput(whsec(bytes))).toEqual({ ok: false, reason: 'length' });
  });

  test.each([
    ['garbage', 'whsec_####'],
    ['missing padding', whsec(25).replace(/=+$/, '')],
    ['the URL alphabet', `whsec_${Buffer.alloc(33, 0xff).toString('base64url')}`],
    ['a space inside', `${whsec(32).slice(0, 20)} ${whsec(32).slice(20)}`],
    ['a line break at the end', `${whsec(24)}\n`],
    ['padding with stray bits', `whsec_${'A'.repeat(43)}B=`.replace('AB=', 'B=')],
    ['a doubled prefix', `whsec_${whsec(32)}`],
  ])('refuses whsec_ with %s', (_what, text) => {
    expect(parseSecretInput(text)).toEqual({ ok: false, reason: 'not_canonical_base64' });
  });

  test('takes 24 to 128 printable ASCII characters as they are', () => {
    const text = 'correct horse battery staple ~!';
    expect(parseSecretInput(text)).toEqual({ ok: true, key: Buffer.from(text) });
    expect(parseSecretInput('a'.repeat(24)).ok && parseSecretInput('a'.repeat(128)).ok).toBe(true);
  });

  test.each([
    ['too short', 'a'.repeat(23), 'length'],
    ['too long', 'a'.repeat(129), 'length'],
    ['empty', '', 'length'],
    ['a control character', `${'a'.repeat(24)}\u0007`, 'character'],
    ['a letter outside ASCII', `${'a'.repeat(24)}é`, 'character'],
    ['a private Ed25519 key', `whsk_${'A'.repeat(44)}`, 'asymmetric'],
    ['a public Ed25519 key', `whpk_${'A'.repeat(44)}`, 'asymmetric'],
    ['no text', 12345, 'not_a_string'],
    ['null', null, 'not_a_string'],
  ])('refuses %s', (_what, text, reason) => {
    expect(parseSecretInput(text)).toEqual({ ok: false, reason });
  });
});

describe('generateSecret', () => {
  test('makes a new secret of 32 bytes whose text reads back as the same key', () => {
    const { secret, key } = generateSecret();
    expect(key).toHaveLength(32);
    expect(parseSecretInput(secret)).toEqual({ ok: true, key });
    expect(generateSecret().secret).not.toBe(secret);
  });
});
