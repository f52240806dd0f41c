import type { AttemptContext, EndpointContext } from '../db/delivery-path/load-attempts.js';
import { buildRequestHeaders } from '../domain/security/request-headers.js';
import type { EndpointKeys } from '../keys/load-endpoint-keys.js';
import type { SecretBox } from '../keys/secret-box.js';
import { signRequest } from '../keys/sign-request.js';
import type { Post, PostResult } from '../outbound/post.js';

export interface SignAndPostRequest {
  readonly context: AttemptContext;
  readonly endpoint: Pick<EndpointContext, 'url' | 'revision'>;
  /** Opened before the call: no waiting may come between signing and sending, because the signature contains the time. */
  readonly signer: EndpointKeys;
  readonly attempt: number;
}

export interface SignAndPostDeps {
  readonly secrets: Pick<SecretBox, 'withSecret'>;
  readonly post: Post;
  readonly now: () => number;
}

/**
 * Decrypts the secret, signs and sends one attempt. The plaintext secret exists only while the signature is computed; it is
 * wiped before the request starts. The sent bytes are exactly the signed bytes.
 * @throws SecretUndecryptable
 */
export async function signAndPost(deps: SignAndPostDeps, request: SignAndPostRequest): Promise<PostResult> {
  const { context, endpoint, signer, attempt } = request;
  const { eventId, webhookId } = context;
  const { url, revision } = endpoint;
  const body = Buffer.from(context.body, 'utf8');
  const timestampSeconds = Math.floor(deps.now() / 1_000);
  const signature = signRequest(deps.secrets, signer, { id: eventId, timestampSeconds, body });
  const headers = buildRequestHeaders(signature, attempt);
  return await deps.post({ endpoint: { webhookId, revision }, url, body, headers });
}
