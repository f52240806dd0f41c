import { randomBytes } from 'node:crypto';
import { keyIdOfBlob, openBlob, sealBlob, type EncryptionContext } from './ciphertext.js';
import type { KeyStore, MasterKey } from './key-store.js';
import { KmsError } from './kms-error.js';

type Input = Readonly<Record<string, unknown>>;
type Operation = (input: Input) => Record<string, unknown>;

/** Creates the operations of AWS KMS that envelopes need, by their wire names, with the responses and exceptions of AWS. */
export const createOperations = (keys: KeyStore): Readonly<Record<string, Operation>> => {
  const seal = createSeal(keys);
  const open = createOpen(keys);
  const dataKey: Operation = (input) => {
    const plaintext = randomBytes(dataKeyLength(input));
    return { ...seal(input, plaintext), Plaintext: plaintext.toString('base64') };
  };
  return {
    GenerateDataKey: dataKey,
    GenerateDataKeyWithoutPlaintext: (input) => ({ ...dataKey(input), Plaintext: undefined }),
    Encrypt: (input) => ({ ...seal(input, bytes(input, 'Plaintext', 4_096)), ...algorithm }),
    Decrypt: (input) => {
      const { key, plaintext } = open(input, '');
      return { KeyId: key.arn, Plaintext: plaintext.toString('base64'), ...algorithm };
    },
    ReEncrypt: (input) => {
      const { key, plaintext } = open(input, 'Source');
      return { SourceKeyId: key.arn, ...seal(input, plaintext, 'Destination') };
    },
    ...createKeyOperations(keys),
  };
};

const algorithm = { EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };

const usable = (keys: KeyStore, reference: string): MasterKey => {
  const key = keys.find(reference);
  if (!key.enabled) throw new KmsError('DisabledException', `${key.arn} is disabled.`);
  return key;
};

const createSeal =
  (keys: KeyStore) =>
  (input: Input, plaintext: Buffer, prefix = ''): { KeyId: string; CiphertextBlob: string } => {
    const key = usable(keys, text(input, `${prefix}KeyId`));
    const blob = sealBlob(key, plaintext, context(input, `${prefix}EncryptionContext`));
    return { KeyId: key.arn, CiphertextBlob: blob.toString('base64') };
  };

const createOpen =
  (keys: KeyStore) =>
  (input: Input, prefix: string): { key: MasterKey; plaintext: Buffer } => {
    const blob = bytes(input, 'CiphertextBlob', 6_144);
    // The caller's key is checked first: a blob under another key is refused before decryption.
    const expected = input[`${prefix}KeyId`] === undefined ? undefined : keys.find(text(input, `${prefix}KeyId`));
    const key = keyOfBlob(keys, blob);
    if (expected && expected.id !== key.id) {
      throw new KmsError(
        'IncorrectKeyException',
        'The key ID in the request does not identify the key of the ciphertext.',
      );
    }
    return { key, plaintext: openBlob(key, blob, context(input, `${prefix}EncryptionContext`)) };
  };

const createKeyOperations = (keys: KeyStore): Readonly<Record<string, Operation>> => ({
  DescribeKey: (input) => ({ KeyMetadata: metadata(keys.find(text(input, 'KeyId'))) }),
  CreateKey: () => ({ KeyMetadata: metadata(keys.create()) }),
  DisableKey: (input) => {
    keys.setEnabled(text(input, 'KeyId'), false);
    return {};
  },
  EnableKey: (input) => {
    keys.setEnabled(text(input, 'KeyId'), true);
    return {};
  },
});

const metadata = ({ id, arn, enabled }: MasterKey): Record<string, unknown> => ({
  KeyId: id,
  Arn: arn,
  AWSAccountId: '000000000000',
  Enabled: enabled,
  KeyState: enabled ? 'Enabled' : 'Disabled',
  KeyUsage: 'ENCRYPT_DECRYPT',
  KeySpec: 'SYMMETRIC_DEFAULT',
  KeyManager: 'CUSTOMER',
  Origin: 'AWS_KMS',
});

// As in AWS, a blob under an unknown key is an invalid ciphertext, not a missing key.
const keyOfBlob = (keys: KeyStore, blob: Buffer): MasterKey => {
  try {
    return usable(keys, keyIdOfBlob(blob));
  } catch (error) {
    throw error instanceof KmsError && error.type === 'NotFoundException'
      ? new KmsError('InvalidCiphertextException')
      : error;
  }
};

const dataKeyLength = ({ KeySpec, NumberOfBytes }: Input): number => {
  if (KeySpec === 'AES_256' && NumberOfBytes === undefined) return 32;
  if (KeySpec === 'AES_128' && NumberOfBytes === undefined) return 16;
  const isLength = typeof NumberOfBytes === 'number' && NumberOfBytes >= 1 && NumberOfBytes <= 1_024;
  if (KeySpec === undefined && isLength) return NumberOfBytes;
  throw new KmsError('ValidationException', 'Please specify either number of bytes or key spec.');
};

const text = (input: Input, field: string): string => {
  const value = input[field];
  if (typeof value === 'string' && value.length > 0 && value.length <= 2_048) return value;
  throw new KmsError('ValidationException', `Value at '${field}' failed to satisfy constraint`);
};

const bytes = (input: Input, field: string, limit: number): Buffer => {
  const value = input[field];
  const buffer = typeof value === 'string' ? Buffer.from(value, 'base64') : Buffer.alloc(0);
  if (buffer.length >= 1 && buffer.length <= limit) return buffer;
  throw new KmsError('ValidationException', `Value at '${field}' failed to satisfy constraint: 1 to ${limit} bytes`);
};

const context = (input: Input, field: string): EncryptionContext => {
  const value = input[field] ?? {};
  if (typeof value === 'object' && Object.values(value).every((each) => typeof each === 'string')) {
    return value as EncryptionContext;
  }
  throw new KmsError('SerializationException');
};
