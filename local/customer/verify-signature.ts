import { createHmac, timingSafeEqual } from 'node:crypto';

export interface ReceivedSignature {
  readonly id: string;
  /** Seconds since 1970, as in the header. */
  readonly timestamp: string;
  /** Space-separated list of `v1,<base64>`. */
  readonly signatures: string;
  /** The body's bytes as they came. */
  readonly body: Buffer;
}

const toleranceSeconds = 300;

/**
 * What a customer does with a request, written from Standard Webhooks 1.0.0 alone and not from our signing code: any of
 * the signatures fits the secret (`whsec_<base64>`), and the timestamp is within five minutes of `nowSeconds`.
 */
export const verifySignature = (request: ReceivedSignature, secret: string, nowSeconds: number): boolean => {
  const { id, timestamp, signatures, body } = request;
  if (!/^\d+$/.test(timestamp) || Math.abs(nowSeconds - Number(timestamp)) > toleranceSeconds) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
  return signatures.split(' ').some((signature) => {
    const [version, value = ''] = signature.split(',');
    const given = Buffer.from(value, 'base64');
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
  });
};
