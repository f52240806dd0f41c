import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { parseEnvelope, sealSecret } from '../../../domain/security/envelope.js';
import { createDataKeys, type DataKey, type DataKeysDeps } from '../../../keys/data-keys.js';
import { KEY_CACHE_LIMITS } from '../../../keys/key-cache.js';
import { KmsUnavailable, SecretUndecryptable, type KmsUnavailableCode } from '../../../keys/key-errors.js';

const ACCOUNT = '11111111-1111-4111-8111-111111111111';
const OTHER = '22222222-2222-4222-8222-222222222222';
const MINUTE = 60_000;
const DAY = 86_400_000;

/** A key service in memory. Wrapped keys are handles, and tests can make calls fail. */
function fakeKms() {
  const keys = new Map<string, { accountId: string; key: KeyObject }>();
  const state = {
    unwraps: 0,
    generated: 0,
    failure: undefined as Error | undefined,
    generateFailure: undefined as Error | undefined,
  };
  const wrap = (accountId: string, key = createSecretKey(randomBytes(32))) => {
    const handle = `wrapped-${keys.size}`;
    keys.set(handle, { accountId, key });
    return { key, wrappedKey: Buffer.from(handle) };
  };
  return {
    state,
    wrap,
    kms: {
      async generateDataKey(accountId: string) {
        if (state.generateFailure) throw state.generateFailure;
        state.generated += 1;
        return wrap(accountId);
      },
      async unwrapDataKey({ accountId, wrappedKey }: { accountId: string; wrappedKey: Uint8Array }) {
        state.unwraps += 1;
        if (state.failure) throw state.failure;
        const found = keys.get(Buffer.from(wrappedKey).toString());
        if (found?.accountId !== accountId) throw new SecretUndecryptable('ciphertext');
        return found.key;
      },
    },
  };
}

function setUp(limits: DataKeysDeps['limits'] = {}) {
  const clock = { time: 20_000 * DAY };
  const { kms, state, wrap } = fakeKms();
  const dataKeys = createDataKeys({ kms, now: () => clock.time, limits });
  const envelopeFor = (accountId = ACCOUNT, wrapped: Omit<DataKey, 'day'> = wrap(accountId)) =>
    sealSecret({
      dataKey: wrapped.key,
      dataKeyDay: Math.floor(clock.time / DAY),
      wrappedKey: wrapped.wrappedKey,
      accountId,
      webhookId: OTHER,
      secret: Buffer.alloc(32, 1),
    });
  const open = (envelope: Buffer, accountId = ACCOUNT) => dataKeys.loadKeyForOpening({ accountId, envelope });
  return { clock, state, wrap, dataKeys, envelopeFor, open };
}
const throttled = new KmsUnavailable('throttled');

describe('a cached data key', () => {
  test('ENC-07 is fetched once for 20 deliveries at the same time', async () => {
    const { state, envelopeFor, open } = setUp();
    const envelope = envelopeFor();
    const keys = await Promise.all(Array.from({ length: 20 }, () => open(envelope)));
    expect([state.unwraps, new Set(keys).size]).toEqual([1, 1]);
  });

  test('ENC-07 is asked for again after five minutes, however often it is used meanwhile', async () => {
    const { clock, state, envelopeFor, open } = setUp();
    const envelope = envelopeFor();
    for (let minute = 0; minute < 5; minute += 1, clock.time += MINUTE) await open(envelope);
    clock.time -= 1;
    expect(state.unwraps).toBe(1);
    clock.time += 1;
    await open(envelope);
    expect(state.unwraps).toBe(2);
  });

  test('ENC-07 serves on while KMS is in trouble, and KMS is then tried every ten seconds only', async () => {
    const { clock, state, envelopeFor, open } = setUp();
    const envelope = envelopeFor();
    const key = await open(envelope);
    clock.time += 6 * MINUTE;
    state.failure = throttled;
    for (let i = 0; i < 3; i += 1) expect(await open(envelope)).toBe(key);
    expect(state.unwraps).toBe(2);
    clock.time += KEY_CACHE_LIMITS.quietMs;
    expect(await open(envelope)).toBe(key);
    expect(state.unwraps).toBe(3);
  });

  test('ENC-07 is not used after an hour, even if KMS is in trouble', async () => {
    const { clock, state, envelopeFor, open } = setUp();
    const envelope = envelopeFor();
    await open(envelope);
    state.failure = throttled;
    clock.time += 60 * MINUTE - 1;
    await open(envelope);
    clock.time += 1;
    await expect(open(envelope)).rejects.toBe(throttled);
    state.failure = undefined;
    await open(envelope);
  });

  test('ENC-07 is fetched again after its last use', async () => {
    const { state, envelopeFor, open } = setUp({ maxOpens: 3 });
    const envelope = envelopeFor();
    for (let i = 0; i < 6; i += 1) await open(envelope);
    expect(state.unwraps).toBe(2);
    await open(envelope);
    expect(state.unwraps).toBe(3);
  });

  test('ENC-07 makes room for others once there are too many', async () => {
    const { state, envelopeFor, open } = setUp({ maxEntries: 2 });
    const [a, b, c] = [envelopeFor(), envelopeFor(), envelopeFor()];
    for (const envelope of [a, b, a, c, a, b]) await open(envelope);
    expect(state.unwraps).toBe(4);
  });

  test('never serves another account', async () => {
    const { state, envelopeFor, open } = setUp();
    const envelope = envelopeFor();
    await open(envelope);
    await expect(open(envelope, OTHER)).rejects.toMatchObject({ name: 'SecretUndecryptable', code: 'ciphertext' });
    expect(state.unwraps).toBe(2);
  });

  test('is refused when it is not the one the envelope commits to', async () => {
    const { wrap, envelopeFor, open } = setUp();
    const swapped = { key: createSecretKey(randomBytes(32)), wrappedKey: wrap(ACCOUNT).wrappedKey };
    await expect(open(envelopeFor(ACCOUNT, swapped))).rejects.toMatchObject({ code: 'envelope' });
  });
});

describe('when KMS refuses', () => {
  test.each<KmsUnavailableCode>(['access_denied', 'key_disabled', 'key_not_found'])(
    'ENC-08 %s drops the cached key at once',
    async (code) => {
      const { clock, state, envelopeFor, open } = setUp();
      const envelope = envelopeFor();
      await open(envelope);
      clock.time += 6 * MINUTE;
      state.failure = new KmsUnavailable(code);
      await expect(open(envelope)).rejects.toMatchObject({ name: 'KmsUnavailable', code });
      clock.time += KEY_CACHE_LIMITS.quietMs;
      state.failure = throttled;
      await expect(open(envelope)).rejects.toMatchObject({ code: 'throttled' });
    },
  );

  test('ENC-08 the refusal is repeated for ten seconds without a call', async () => {
    const { clock, state, envelopeFor, open } = setUp();
    const envelope = envelopeFor();
    state.failure = new KmsUnavailable('access_denied');
    await expect(open(envelope)).rejects.toBe(state.failure);
    clock.time += 9_999;
    await expect(open(envelope)).rejects.toBe(state.failure);
    expect(state.unwraps).toBe(1);
    state.failure = undefined;
    clock.time += 1;
    await open(envelope);
    expect(state.unwraps).toBe(2);
  });

  test('ENC-08 passing trouble without a cached key is not remembered', async () => {
    const { state, envelopeFor, open } = setUp();
    const envelope = envelopeFor();
    state.failure = throttled;
    await expect(open(envelope)).rejects.toBe(throttled);
    state.failure = undefined;
    await open(envelope);
    expect(state.unwraps).toBe(2);
  });

  test('a tampered envelope does not spoil the key its siblings use', async () => {
    const { wrap, envelopeFor, open } = setUp();
    const tenant = wrap(ACCOUNT);
    const good = envelopeFor(ACCOUNT, tenant);
    const tampered = envelopeFor(ACCOUNT, { ...tenant, wrappedKey: Buffer.from('nonsense') });
    await expect(open(tampered)).rejects.toMatchObject({ code: 'ciphertext' });
    expect(await open(good)).toBe(tenant.key);
  });

  test('an envelope that is none is refused without asking', async () => {
    const { state, open } = setUp();
    await expect(open(Buffer.from('WHS1'))).rejects.toMatchObject({ name: 'SecretUndecryptable', code: 'envelope' });
    expect(state.unwraps).toBe(0);
  });
});

describe('the key for sealing', () => {
  const setUpSealing = (limits?: DataKeysDeps['limits']) => {
    const context = setUp(limits);
    const seal = (sibling?: Buffer) => context.dataKeys.loadKeyForSealing({ accountId: ACCOUNT, sibling });
    return { ...context, seal };
  };

  test('is new for the first webhook of an account, dated today, and opens without another call', async () => {
    const { state, envelopeFor, open, seal } = setUpSealing();
    const created = await seal();
    expect([state.generated, created.day]).toEqual([1, 20_000]);
    expect(await open(envelopeFor(ACCOUNT, created))).toBe(created.key);
    expect(state.unwraps).toBe(0);
  });

  test('is the one of a sibling that is younger than 90 days', async () => {
    const { clock, state, envelopeFor, seal } = setUpSealing();
    const sibling = envelopeFor();
    clock.time += 89 * DAY;
    const reused = await seal(sibling);
    expect([state.generated, reused.day]).toEqual([0, 20_000]);
    expect(reused.wrappedKey.equals(parseEnvelope(sibling).wrappedKey)).toBe(true);
    clock.time += DAY;
    expect([(await seal(sibling)).day, state.generated]).toEqual([20_090, 1]);
  });

  test('is new when the sibling claims to be from the future', async () => {
    const { clock, state, envelopeFor, seal } = setUpSealing();
    const sibling = envelopeFor();
    clock.time -= 2 * DAY;
    await seal(sibling);
    expect(state.generated).toBe(1);
  });

  test('ENC-07 is new after a thousand secrets', async () => {
    const { state, envelopeFor, seal } = setUpSealing({ maxSeals: 3 });
    const sibling = envelopeFor();
    for (let i = 0; i < 3; i += 1) await seal(sibling);
    expect(state.generated).toBe(0);
    await seal(sibling);
    expect(state.generated).toBe(1);
  });

  test('is new when the sibling cannot be opened, so that a damaged row can be repaired', async () => {
    const { state, envelopeFor, seal } = setUpSealing();
    await seal(Buffer.from('damaged'));
    await seal(envelopeFor(OTHER));
    expect(state.generated).toBe(2);
  });

  test('ENC-08 is not available while KMS is not', async () => {
    const { state, envelopeFor, seal } = setUpSealing();
    state.failure = throttled;
    await expect(seal(envelopeFor())).rejects.toBe(throttled);
    expect(state.generated).toBe(0);
    state.generateFailure = throttled;
    await expect(seal()).rejects.toBe(throttled);
  });
});
