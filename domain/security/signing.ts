import { createHmac } from 'node:crypto';

export interface SignatureInput {
  /** The same on every retry, so that the receiver can deduplicate by it. */
  readonly id: string;
  /** Unix seconds of this attempt, not of the event. */
  readonly timestampSeconds: number;
  /** The bytes of the request body. */
  readonly body: Buffer;
  /** Usually one. While an old secret is still valid there are two; the new key comes first. */
  readonly keys: readonly Buffer[];
}

export interface SignatureHeaders {
  readonly 'webhook-id': string;
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
}

/** A dot would make `id.timestamp.body` ambiguous; the rest keeps the header printable. */
const ID = /^[\x21-\x2d\x2f-\x7e]{1,256}$/;

/**
 * Signs one attempt: HMAC-SHA256 over `id.timestamp.body`, one `v1,` entry for each key.
 * Source: Standard Webhooks 1.0.0, "Signature scheme".
 *
 * @throws TypeError on an id with a dot, a timestamp that is not whole seconds, no key or an empty key.
 */
export function signStandardWebhook({ id, timestampSeconds, body, keys }: SignatureInput): SignatureHeaders {
  if (!ID.test(id)) throw new TypeError('webhook id must be printable ASCII without a dot');
  if (!Number.isSafeInteger(timestampSeconds) || timestampSeconds < 0)
    throw new TypeError('timestamp must be whole unix seconds');
  if (keys.length === 0 || keys.some((key) => key.length === 0)) throw new TypeError('signing key must not be empty');

  const prefix = `${id}.${timestampSeconds}.`;
  const sign = (key: Buffer) => `v1,${createHmac('sha256', key).update(prefix).update(body).digest('base64')}`;
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestampSeconds),
    'webhook-signature': keys.map(sign).join(' '),
  };
}
