import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KmsError } from './kms-error.js';

export interface MasterKey {
  readonly id: string;
  readonly arn: string;
  readonly keyMaterial: Buffer;
  readonly enabled: boolean;
}

export interface KeyStore {
  /** Finds a key by id, ARN or alias. @throws KmsError NotFoundException as AWS does. */
  readonly find: (reference: string) => MasterKey;
  readonly create: () => MasterKey;
  readonly setEnabled: (reference: string, enabled: boolean) => void;
}

interface StoredKey {
  readonly id: string;
  readonly keyMaterial: string;
  enabled: boolean;
}

export interface KeyStoreOptions {
  readonly dir: string;
  readonly region: string;
  /** Id of the first key. It also answers to `alias/webhook-dispatcher`. */
  readonly firstKeyId: string;
}

/** Opens the master keys in `<dir>/keys.json` (mode 0600). The file keeps them through restarts of the server. */
export const openKeyStore = ({ dir, region, firstKeyId }: KeyStoreOptions): KeyStore => {
  const file = join(dir, 'keys.json');
  const keys = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as StoredKey[]) : [];
  const save = (): void => {
    writeFileSync(`${file}.new`, JSON.stringify(keys), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  };
  const arnOf = (id: string): string => `arn:aws:kms:${region}:000000000000:key/${id}`;
  const add = (id: string): MasterKey => {
    const key = { id, keyMaterial: randomBytes(32).toString('base64'), enabled: true };
    keys.push(key);
    save();
    return present(key, arnOf(id));
  };
  const findStored = (reference: string): StoredKey => {
    const isAlias = /(^|:)alias\/webhook-dispatcher$/.test(reference);
    const key = isAlias ? keys[0] : keys.find(({ id }) => reference === id || reference === arnOf(id));
    if (!key) throw new KmsError('NotFoundException', `Key '${reference}' does not exist`);
    return key;
  };
  if (!keys.some(({ id }) => id === firstKeyId)) add(firstKeyId);
  return {
    find: (reference) => {
      const key = findStored(reference);
      return present(key, arnOf(key.id));
    },
    create: () => add(randomUUID()),
    setEnabled: (reference, enabled) => {
      findStored(reference).enabled = enabled;
      save();
    },
  };
};

const present = ({ id, keyMaterial, enabled }: StoredKey, arn: string): MasterKey => ({
  id,
  arn,
  keyMaterial: Buffer.from(keyMaterial, 'base64'),
  enabled,
});
