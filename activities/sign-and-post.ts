import type { AttemptMaterial, EndpointMaterial } from '../db/load-attempts.js';
import { signStandardWebhook } from '../domain/security/signing.js';
import { SecretUndecryptable } from '../keys/key-errors.js';
import type { SecretBox } from '../keys/secret-box.js';
import type { Post, PostResult } from '../outbound/post.js';

export type DataKey = Awaited<ReturnType<SecretBox['openKey']>>;

export interface SignedRequest {
  material: AttemptMaterial;
  endpoint: EndpointMaterial;
  /** Opened beforehand: nothing that can wait may stand between signing and sending. */
  dataKey: DataKey;
  /** Of the secret before the last rotation, while that signs as well. */
  previousKey?: DataKey | undefined;
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
  const { material, endpoint, attempt } = request;
  const body = Buffer.from(material.body, 'utf8');
  const timestamp = Math.floor(deps.now() / 1_000);
  const signature = withSecrets(deps.secrets, request, (keys) =>
    signStandardWebhook({ id: material.eventId, timestamp, body, keys }),
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

type Use<T> = (keys: readonly Buffer[]) => T;

/** The current secret first, then the previous one where it signs as well and can be opened. */
function withSecrets<T>({ withSecret }: SignAndPostDeps['secrets'], request: SignedRequest, use: Use<T>): T {
  const { material, endpoint, dataKey, previousKey } = request;
  const { accountId, webhookId } = material;
  const ids = { accountId, webhookId };
  return withSecret({ dataKey, envelope: endpoint.secretEnc, ...ids }, (current) => {
    const envelope = endpoint.previousSecretEnc;
    if (envelope === undefined || previousKey === undefined) return use([current]);
    try {
      return withSecret({ dataKey: previousKey, envelope, ...ids }, (previous) => use([current, previous]));
    } catch (error) {
      if (!(error instanceof SecretUndecryptable)) throw error;
      return use([current]);
    }
  });
}
