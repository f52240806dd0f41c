import {
  CreateKeyCommand,
  DecryptCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  KMSClient,
  ReEncryptCommand,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKms, type LocalKms } from '../../../local/start-kms.js';

const EncryptionContext = { account: 'a-1', purpose: 'webhook' };

describe('the KMS endpoint', () => {
  let dir: string;
  let kms: LocalKms;
  let client: KMSClient;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'local-kms-'));
    kms = await startKms({ dir, env: {}, log: () => undefined });
    client = new KMSClient({ ...kms, maxAttempts: 1 });
  });
  afterAll(async () => {
    client.destroy();
    await kms.stop();
    await rm(dir, { recursive: true });
  });
  const dataKey = () =>
    client.send(new GenerateDataKeyCommand({ KeyId: kms.keyId, KeySpec: 'AES_256', EncryptionContext }));

  test('makes a data key that it unwraps again under the same context, in any order, after a restart too', async () => {
    const { Plaintext, CiphertextBlob, KeyId } = await dataKey();
    expect(Plaintext).toHaveLength(32);
    expect(KeyId).toBe(kms.keyId);
    await kms.restart();
    const context = { purpose: 'webhook', account: 'a-1' };
    const opened = await client.send(new DecryptCommand({ CiphertextBlob, KeyId, EncryptionContext: context }));
    expect(Buffer.from(opened.Plaintext!)).toEqual(Buffer.from(Plaintext!));
    expect(opened.KeyId).toBe(kms.keyId);
  });

  test('refuses another context, no context and a changed blob, each as InvalidCiphertextException', async () => {
    const { CiphertextBlob } = await dataKey();
    const changed = Buffer.from(CiphertextBlob!);
    changed[changed.length - 1]! ^= 1;
    const attempts = [
      { CiphertextBlob, EncryptionContext: { ...EncryptionContext, account: 'a-2' } },
      { CiphertextBlob },
      { CiphertextBlob: changed, EncryptionContext },
      { CiphertextBlob: Buffer.from('not a blob'), EncryptionContext },
    ];
    for (const input of attempts) {
      await expect(client.send(new DecryptCommand(input))).rejects.toMatchObject({
        name: 'InvalidCiphertextException',
        $metadata: { httpStatusCode: 400 },
      });
    }
  });

  test('refuses a blob under another key, an unknown key and a disabled one by their own names', async () => {
    const { CiphertextBlob } = await dataKey();
    const { KeyMetadata } = await client.send(new CreateKeyCommand({}));
    const other = KeyMetadata!.Arn!;
    const decrypt = (KeyId: string) => client.send(new DecryptCommand({ CiphertextBlob, KeyId, EncryptionContext }));
    await expect(decrypt(other)).rejects.toMatchObject({ name: 'IncorrectKeyException' });
    await expect(decrypt(kms.keyId.replace(/1$/, '9'))).rejects.toMatchObject({ name: 'NotFoundException' });
    await client.send(new DisableKeyCommand({ KeyId: kms.keyId }));
    await expect(decrypt(kms.keyId)).rejects.toMatchObject({ name: 'DisabledException' });
    await client.send(new EnableKeyCommand({ KeyId: kms.keyId }));
    await expect(decrypt(kms.keyId)).resolves.toMatchObject({ KeyId: kms.keyId });
  });

  test('encrypts, re-encrypts under another key and context, and wraps a key without showing it', async () => {
    const { KeyMetadata } = await client.send(new CreateKeyCommand({}));
    const other = KeyMetadata!.Arn!;
    const Plaintext = Buffer.from('secret');
    const first = await client.send(new EncryptCommand({ KeyId: kms.keyId, Plaintext, EncryptionContext }));
    const moved = await client.send(
      new ReEncryptCommand({
        CiphertextBlob: first.CiphertextBlob,
        SourceEncryptionContext: EncryptionContext,
        DestinationKeyId: other,
        DestinationEncryptionContext: { moved: 'yes' },
      }),
    );
    expect(moved).toMatchObject({ KeyId: other, SourceKeyId: kms.keyId });
    const opened = await client.send(
      new DecryptCommand({ CiphertextBlob: moved.CiphertextBlob, KeyId: other, EncryptionContext: { moved: 'yes' } }),
    );
    expect(Buffer.from(opened.Plaintext!).toString()).toBe('secret');
    const wrapped = await client.send(
      new GenerateDataKeyWithoutPlaintextCommand({ KeyId: kms.keyId, KeySpec: 'AES_256' }),
    );
    expect(wrapped).not.toHaveProperty('Plaintext');
  });

  test('answers a wrong request as a validation error', async () => {
    await expect(client.send(new GenerateDataKeyCommand({ KeyId: kms.keyId }))).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  test('does not start in production', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'local-kms-'));
    const production = startKms({ dir: folder, env: { NODE_ENV: 'production' }, log: () => undefined });
    await expect(production).rejects.toThrow(/does not run with NODE_ENV=production/);
    await rm(folder, { recursive: true });
  });
});
