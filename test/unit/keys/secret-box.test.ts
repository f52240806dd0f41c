import { createSecretKey, randomBytes, randomUUID, type KeyObject } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { signStandardWebhook } from '../../../domain/security/signing.js';
import { createDataKeys } from '../../../keys/data-keys.js';
import { SecretUndecryptable } from '../../../keys/key-errors.js';
import { createSecretBox } from '../../../keys/secret-box.js';

function setUp() {
  const keys: KeyObject[] = [];
  const kms = {
    async generateDataKey() {
      const key = createSecretKey(randomBytes(32));
      return { key, wrappedKey: Buffer.from([keys.push(key) - 1]) };
    },
    async unwrapDataKey({ wrappedKey }: { wrappedKey: Uint8Array }) {
      const key = keys[wrappedKey[0]!];
      if (key === undefined) throw new SecretUndecryptable('ciphertext');
      return key;
    },
  };
  const box = createSecretBox({ dataKeys: createDataKeys({ kms, now: Date.now }) });
  return { box, keys };
}

async function sealedWebhook(box: ReturnType<typeof setUp>['box'], siblingEnvelope?: Buffer) {
  const ids = { accountId: randomUUID(), webhookId: randomUUID() };
  const secret = randomBytes(32);
  return { ids, secret, envelope: await box.seal({ ...ids, secret, siblingEnvelope }) };
}

describe('a secret box', () => {
  test('opens what it sealed, in the two steps of a delivery', async () => {
    const { box } = setUp();
    const { ids, secret, envelope } = await sealedWebhook(box);
    const dataKey = await box.openKey(envelope, ids.accountId);
    const copy = box.withSecret({ dataKey, envelope, ...ids }, (plain) => Buffer.from(plain));
    expect(copy).toEqual(secret);
    expect(envelope.includes(secret)).toBe(false);
  });

  test('an account keeps its data key from one webhook to the next', async () => {
    const { box, keys } = setUp();
    const { ids, envelope } = await sealedWebhook(box);
    const secret = randomBytes(24);
    await box.seal({ accountId: ids.accountId, webhookId: randomUUID(), secret, siblingEnvelope: envelope });
    expect(keys).toHaveLength(1);
  });

  test('the caller still has its secret after sealing, to show it once', async () => {
    const { box } = setUp();
    const { secret } = await sealedWebhook(box);
    expect(secret).not.toEqual(Buffer.alloc(32));
  });

  test('ENC-03 an envelope of another row cannot be opened', async () => {
    const { box } = setUp();
    const [one, two] = [await sealedWebhook(box), await sealedWebhook(box)];
    const dataKey = await box.openKey(two.envelope, two.ids.accountId);
    const openAs = (ids: typeof one.ids) => () =>
      box.withSecret({ dataKey, envelope: two.envelope, ...ids }, () => 'opened');
    expect(openAs(two.ids)()).toBe('opened');
    expect(openAs({ ...two.ids, webhookId: one.ids.webhookId })).toThrow(SecretUndecryptable);
    expect(openAs({ ...two.ids, accountId: one.ids.accountId })).toThrow(SecretUndecryptable);
  });

  test('what the callback throws passes through', async () => {
    const { box } = setUp();
    const { ids, envelope } = await sealedWebhook(box);
    const dataKey = await box.openKey(envelope, ids.accountId);
    const failure = new RangeError('from the callback');
    const open = () =>
      box.withSecret({ dataKey, envelope, ...ids }, () => {
        throw failure;
      });
    expect(open).toThrow(failure);
  });

  test('ENC-10 twenty signings at once: each verifies under its own secret only', async () => {
    const { box } = setUp();
    const webhooks = await Promise.all(Array.from({ length: 20 }, () => sealedWebhook(box)));
    const timestampSeconds = Math.floor(Date.now() / 1000);
    const sign = async ({ ids, envelope }: (typeof webhooks)[number]) => {
      const dataKey = await box.openKey(envelope, ids.accountId);
      return box.withSecret({ dataKey, envelope, ...ids }, (key) =>
        signStandardWebhook({ id: 'evt_1', timestampSeconds, body: Buffer.from('{}'), keys: [key] }),
      );
    };
    const signed = await Promise.all(webhooks.map(sign));
    const verifies = (secret: Buffer, headers: (typeof signed)[number]) => {
      try {
        return new Webhook(secret.toString('base64')).verify('{}', headers) !== undefined;
      } catch {
        return false;
      }
    };
    const matrix = webhooks.map(({ secret }) => signed.map((headers) => verifies(secret, headers)));
    expect(matrix).toEqual(webhooks.map((_, row) => signed.map((__, column) => row === column)));
  });
});
