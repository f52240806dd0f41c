import { signStandardWebhook } from '../domain/security/signing.js';
import { SecretUndecryptable } from './key-errors.js';
import type { SecretBox } from './secret-box.js';

export type DataKey = Awaited<ReturnType<SecretBox['openKey']>>;

/** An endpoint as it signs now. */
export interface EndpointSecrets {
  readonly accountId: string;
  readonly webhookId: string;
  readonly secretEnc: Buffer;
  /** Of the secret before the last rotation, while that signs as well. */
  readonly previousSecretEnc?: Buffer | undefined;
}

export interface EndpointKeys extends EndpointSecrets {
  readonly dataKey: DataKey;
  readonly previousKey?: DataKey | undefined;
}

/** What one request is signed and labelled with. */
export interface AttemptToSign {
  readonly eventId: string;
  readonly body: Buffer;
  /** Unix seconds. */
  readonly timestampSeconds: number;
  readonly attempt: number;
}

/** What this service calls itself to receivers. */
const USER_AGENT = 'webhook-dispatcher/1';

/**
 * The data keys of an endpoint's secrets. A previous secret that cannot be opened is no reason to stop: the current one signs
 * alone.
 * @throws KmsUnavailable, SecretUndecryptable
 */
export async function loadEndpointKeys(
  secrets: Pick<SecretBox, 'openKey'>,
  signer: EndpointSecrets,
): Promise<EndpointKeys> {
  const { accountId, secretEnc, previousSecretEnc } = signer;
  const dataKey = await secrets.openKey(secretEnc, accountId);
  if (previousSecretEnc === undefined) return { ...signer, dataKey };
  try {
    return { ...signer, dataKey, previousKey: await secrets.openKey(previousSecretEnc, accountId) };
  } catch (error) {
    if (error instanceof SecretUndecryptable) return { ...signer, dataKey };
    throw error;
  }
}

/**
 * The headers of one request. The plaintext secrets exist while the signature is computed and are wiped then.
 * @throws SecretUndecryptable
 */
export function createAttemptHeaders(
  secrets: Pick<SecretBox, 'withSecret'>,
  signer: EndpointKeys,
  { eventId, body, timestampSeconds, attempt }: AttemptToSign,
) {
  const signature = withSecrets(secrets, signer, (keys) =>
    signStandardWebhook({ id: eventId, timestampSeconds: timestampSeconds, body, keys }),
  );
  return {
    ...signature,
    'content-type': 'application/json',
    'user-agent': USER_AGENT,
    'webhook-attempt': String(attempt),
  };
}

type Use<T> = (keys: readonly Buffer[]) => T;

/** The current secret first, then the previous one where it signs as well and can be opened. */
function withSecrets<T>({ withSecret }: Pick<SecretBox, 'withSecret'>, signer: EndpointKeys, use: Use<T>): T {
  const { accountId, webhookId, secretEnc, dataKey, previousSecretEnc: envelope, previousKey } = signer;
  const ids = { accountId, webhookId };
  return withSecret({ dataKey, envelope: secretEnc, ...ids }, (current) => {
    if (envelope === undefined || previousKey === undefined) return use([current]);
    try {
      return withSecret({ dataKey: previousKey, envelope, ...ids }, (previous) => use([current, previous]));
    } catch (error) {
      if (!(error instanceof SecretUndecryptable)) throw error;
      return use([current]);
    }
  });
}
