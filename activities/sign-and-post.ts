import type { AttemptMaterial } from '../db/delivery-path/load-attempts.js';
import type { SecretBox } from '../keys/secret-box.js';
import { signAttempt, type OpenSigner } from '../keys/sign-attempt.js';
import type { Post, PostResult } from '../outbound/post.js';

export interface SignedRequest {
  material: AttemptMaterial;
  url: string;
  /** Opened beforehand: nothing that can wait may stand between signing and sending. */
  signer: OpenSigner;
  attempt: number;
}

export interface SignAndPostDeps {
  secrets: Pick<SecretBox, 'withSecret'>;
  post: Post;
  now: () => number;
}

/**
 * Decrypts, signs and sends one attempt. The plaintext secret exists while the signature is computed and is wiped
 * before the request starts. Sends exactly the bytes that were signed.
 * @throws SecretUndecryptable
 */
export async function signAndPost(deps: SignAndPostDeps, request: SignedRequest): Promise<PostResult> {
  const { material, url, signer, attempt } = request;
  const { eventId } = material;
  const body = Buffer.from(material.body, 'utf8');
  const timestamp = Math.floor(deps.now() / 1_000);
  const headers = signAttempt(deps.secrets, signer, { eventId, body, timestamp, attempt });
  return await deps.post({ url, body, headers });
}
