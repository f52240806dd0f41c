import { type SignatureHeaders, type SignatureInput, signStandardWebhook } from '../domain/security/signing.js';
import { SecretUndecryptable } from './key-errors.js';
import type { EndpointKeys } from './load-endpoint-keys.js';
import type { SecretBox } from './secret-box.js';

/** The id, time and bytes that the signature covers. */
export type ContentToSign = Omit<SignatureInput, 'keys'>;

/**
 * Signs one request with the endpoint's current secret and, during a grace period, with the previous one as well. The
 * plaintext secrets exist only while the signature is computed; then they are wiped.
 * @throws SecretUndecryptable for the current secret; TypeError as `signStandardWebhook`.
 */
export function signRequest(
  secrets: Pick<SecretBox, 'withSecret'>,
  signer: EndpointKeys,
  content: ContentToSign,
): SignatureHeaders {
  return withEndpointSecrets(secrets, signer, (keys) => signStandardWebhook({ ...content, keys }));
}

/** Passes the current secret to `use`, followed by the previous one if there is one and it can be decrypted. */
function withEndpointSecrets<T>(
  { withSecret }: Pick<SecretBox, 'withSecret'>,
  signer: EndpointKeys,
  use: (keys: readonly Buffer[]) => T,
): T {
  const { accountId, webhookId, secretEnc, dataKey, previousSecretEnc, previousKey } = signer;
  const ids = { accountId, webhookId };
  return withSecret({ dataKey, envelope: secretEnc, ...ids }, (current) => {
    if (previousSecretEnc === undefined || previousKey === undefined) return use([current]);
    const previousSecret = { dataKey: previousKey, envelope: previousSecretEnc, ...ids };
    try {
      return withSecret(previousSecret, (previous) => use([current, previous]));
    } catch (error) {
      if (!(error instanceof SecretUndecryptable)) throw error;
      return use([current]);
    }
  });
}
