import type { AttemptMaterial, EndpointMaterial } from '../db/load-attempts.js';
import { signStandardWebhook } from '../domain/security/signing.js';
import type { SecretBox } from '../keys/secret-box.js';
import type { Post, PostResult } from '../outbound/post.js';

export type DataKey = Awaited<ReturnType<SecretBox['openKey']>>;

export interface SignedRequest {
  material: AttemptMaterial;
  endpoint: EndpointMaterial;
  /** Opened beforehand: nothing that can wait may stand between signing and sending. */
  dataKey: DataKey;
  attempt: number;
}

export interface SignAndPostDeps {
  secrets: Pick<SecretBox, 'withSecret'>;
  post: Post;
  now: () => number;
  userAgent: string;
}

/**
 * Decrypts, signs and sends one attempt. The plaintext secret exists while the signature is computed and is wiped
 * before the request starts. Sends exactly the bytes that were signed.
 * @throws SecretUndecryptable
 */
export async function signAndPost(deps: SignAndPostDeps, request: SignedRequest): Promise<PostResult> {
  const { material, endpoint, dataKey, attempt } = request;
  const body = Buffer.from(material.body, 'utf8');
  const { accountId, webhookId } = material;
  const signature = deps.secrets.withSecret({ dataKey, envelope: endpoint.secretEnc, accountId, webhookId }, (secret) =>
    signStandardWebhook({ id: material.eventId, timestamp: Math.floor(deps.now() / 1_000), body, keys: [secret] }),
  );
  return await deps.post({
    url: endpoint.url,
    body,
    headers: {
      ...signature,
      'content-type': 'application/json',
      'user-agent': deps.userAgent,
      'webhook-attempt': String(attempt),
    },
  });
}
