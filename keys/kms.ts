import { createSecretKey, type KeyObject } from 'node:crypto';
import { DecryptCommand, GenerateDataKeyCommand, KMSClient, type KMSClientConfig } from '@aws-sdk/client-kms';
import { KmsUnavailable, SecretUndecryptable, toKeyError } from './key-errors.js';

export interface GeneratedDataKey {
  readonly key: KeyObject;
  readonly wrappedKey: Buffer;
}

/** The two KMS calls that the service makes. Both throw only `KmsUnavailable` or `SecretUndecryptable`. */
export interface Kms {
  readonly generateDataKey: (accountId: string) => Promise<GeneratedDataKey>;
  readonly unwrapDataKey: (input: { accountId: string; wrappedKey: Uint8Array }) => Promise<KeyObject>;
  readonly close: () => void;
}

export interface KmsOptions {
  /** The ARN of the key, not of an alias: the KeyId of every response is compared with it. */
  readonly keyArn: string;
  readonly region: string;
  /** Only if KMS is not the regional AWS endpoint. */
  readonly endpoint?: string | undefined;
  readonly credentials?: KMSClientConfig['credentials'];
  /** Milliseconds for one call with its retries. The call ends before the five seconds of the delivery's request begin. */
  readonly timeoutMs?: number;
}

const KEY_BYTES = 32;
const KEY_ARN = /^arn:[\w-]+:kms:[\w-]*:\d{12}:key\/[\w-]+$/;

/** KMS authenticates it and CloudTrail logs it, so it holds identifiers only. */
const encryptionContext = (accountId: string) => ({ svc: 'webhook-dispatcher', purpose: 'secret_enc', accountId });

function newClient({ region, endpoint, credentials }: KmsOptions): KMSClient {
  return new KMSClient({
    region,
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 300, requestTimeout: 500, throwOnRequestTimeout: true },
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
  });
}

/** Moves key bytes into a KeyObject, which prints nothing, and wipes the bytes that the SDK decoded. */
function toKeyObject(plaintext: Uint8Array): KeyObject | undefined {
  try {
    return plaintext.length === KEY_BYTES ? createSecretKey(plaintext) : undefined;
  } finally {
    plaintext.fill(0);
  }
}

/**
 * Connects to AWS KMS. Each call makes up to three tries within `timeoutMs`, two seconds unless given.
 * @throws TypeError when `keyArn` is not the ARN of a key.
 */
export function createKms(options: KmsOptions): Kms {
  const { keyArn, timeoutMs = 2000 } = options;
  if (!KEY_ARN.test(keyArn)) throw new TypeError('the KMS key must be given by the ARN of the key, not of an alias');
  const client = newClient(options);
  const deadline = () => ({ abortSignal: AbortSignal.timeout(timeoutMs) });

  async function generateDataKey(accountId: string): Promise<GeneratedDataKey> {
    const EncryptionContext = encryptionContext(accountId);
    const command = new GenerateDataKeyCommand({ KeyId: keyArn, KeySpec: 'AES_256', EncryptionContext });
    const { Plaintext, CiphertextBlob, KeyId } = await client.send(command, deadline()).catch(rethrow);
    const key = Plaintext && toKeyObject(Plaintext);
    if (key === undefined || !CiphertextBlob || KeyId !== keyArn) throw new KmsUnavailable('bad_answer');
    return { key, wrappedKey: Buffer.from(CiphertextBlob) };
  }

  async function unwrapDataKey({ accountId, wrappedKey }: { accountId: string; wrappedKey: Uint8Array }) {
    const EncryptionContext = encryptionContext(accountId);
    const command = new DecryptCommand({ KeyId: keyArn, CiphertextBlob: wrappedKey, EncryptionContext });
    const { Plaintext, KeyId } = await client.send(command, deadline()).catch(rethrow);
    if (!Plaintext) throw new KmsUnavailable('bad_answer');
    const key = toKeyObject(Plaintext);
    if (key === undefined || KeyId !== keyArn) throw new SecretUndecryptable('wrong_key');
    return key;
  }

  return { generateDataKey, unwrapDataKey, close: () => client.destroy() };
}

function rethrow(error: unknown): never {
  throw toKeyError(error);
}
