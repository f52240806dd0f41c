import type { KeyObject } from 'node:crypto';
import { SecretUndecryptable } from './key-errors.js';
import type { SecretBox } from './secret-box.js';

/** The sealed secrets that an endpoint's requests are signed with now. */
export interface EndpointSecrets {
  readonly accountId: string;
  readonly webhookId: string;
  readonly secretEnc: Buffer;
  /** The secret before the last rotation, until its grace period ends. */
  readonly previousSecretEnc?: Buffer | undefined;
}

/** The sealed secrets with the data keys that open them. */
export interface EndpointKeys extends EndpointSecrets {
  readonly dataKey: KeyObject;
  /** Absent when there is no previous secret, or when it cannot be decrypted. */
  readonly previousKey?: KeyObject | undefined;
}

/**
 * Loads the data keys of an endpoint's secrets. May call KMS (up to two seconds). A previous secret that cannot be decrypted
 * is left out: the current secret then signs alone.
 * @throws KmsUnavailable; SecretUndecryptable for the current secret.
 */
export async function loadEndpointKeys(
  secrets: Pick<SecretBox, 'openKey'>,
  endpoint: EndpointSecrets,
): Promise<EndpointKeys> {
  const { accountId, secretEnc, previousSecretEnc } = endpoint;
  const dataKey = await secrets.openKey(secretEnc, accountId);
  if (previousSecretEnc === undefined) return { ...endpoint, dataKey };
  try {
    return { ...endpoint, dataKey, previousKey: await secrets.openKey(previousSecretEnc, accountId) };
  } catch (error) {
    if (error instanceof SecretUndecryptable) return { ...endpoint, dataKey };
    throw error;
  }
}
