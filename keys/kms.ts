import { createSecretKey, type KeyObject } from 'node:crypto';
import { DecryptCommand, GenerateDataKeyCommand, KMSClient, type KMSClientConfig } from '@aws-sdk/client-kms';
import { KmsUnavailable, SecretUndecryptable, toKeyError } from './key-errors.js';

export interface GeneratedDataKey {
  readonly key: KeyObject;
  readonly wrappedKey: Buffer;
}

/** The two calls the service makes. Both throw only `KmsUnavailable` or `SecretUndecryptable`. */
export interface Kms {
  readonly generateDataKey: (accountId: string) => Promise<GeneratedDataKey>;
  readonly unwrapDataKey: (input: { accountId: string; wrappedKey: Uint8Array }) => Promise<KeyObject>;
  readonly close: () => void;
}

export interface KmsOptions {
  /** The key's ARN, not an alias: every answer's KeyId is compared with it. */
  readonly keyArn: string;
  readonly region: string;
  /** Only where KMS is not the regional AWS endpoint. */
  readonly endpoint?: string | undefined;
  readonly credentials?: KMSClientConfig['credentials'];
  /** Milliseconds for one call with its retries. The call happens before the delivery's own five seconds begin. */
  readonly timeoutMs?: number;
}

const KEY_BYTES = 32;
const KEY_ARN = /^arn:[\w-]+:kms:[\w-]*:\d{12}:key\/[\w-]+$/;

/** Authenticated by KMS and visible in CloudTrail, so it holds identifiers only. */
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

/** Moves key bytes out of reach of logging (a KeyObject prints nothing) and wipes what the SDK decoded. */
function intoKeyObject(plaintext: Uint8Array): KeyObject | undefined {
  try {
    return plaintext.length === KEY_BYTES ? createSecretKey(plaintext) : undefined;
  } finally {
    plaintext.fill(0);
  }
}

/**
 * Connects to AWS KMS. Three tries within two seconds in all.
 *
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
    const key = Plaintext && intoKeyObject(Plaintext);
    if (key === undefined || !CiphertextBlob || KeyId !== keyArn) throw new KmsUnavailable('bad_answer');
    return { key, wrappedKey: Buffer.from(CiphertextBlob) };
  }

  async function unwrapDataKey({ accountId, wrappedKey }: { accountId: string; wrappedKey: Uint8Array }) {
    const EncryptionContext = encryptionContext(accountId);
    const command = new DecryptCommand({ KeyId: keyArn, CiphertextBlob: wrappedKey, EncryptionContext });
    const { Plaintext, KeyId } = await client.send(command, deadline()).catch(rethrow);
    if (!Plaintext) throw new KmsUnavailable('bad_answer');
    const key = intoKeyObject(Plaintext);
    if (key === undefined || KeyId !== keyArn) throw new SecretUndecryptable('wrong_key');
    return key;
  }

  return { generateDataKey, unwrapDataKey, close: () => client.destroy() };
}

function rethrow(error: unknown): never {
  throw toKeyError(error);
}
