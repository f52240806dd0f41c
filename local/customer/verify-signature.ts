import { createHmac, timingSafeEqual } from 'node:crypto';

export interface ReceivedSignature {
  readonly id: string;
  /** Seconds since 1970, as in the header. */
  readonly timestamp: string;
  /** Space-separated list of `v1,<base64>`. */
  readonly signatures: string;
  /** The received bytes of the body. */
  readonly body: Buffer;
}

const toleranceSeconds = 300;

/**
 * Verifies a request as a customer does. Written from Standard Webhooks 1.0.0 alone, independent of our signing code:
 * one of the signatures must match the secret (`whsec_<base64>`), and the timestamp must be within five minutes of
 * `nowSeconds`.
 */
export const verifySignature = (request: ReceivedSignature, secret: string, nowSeconds: number): boolean => {
  const { id, timestamp, signatures, body } = request;
  if (!/^\d+$/.test(timestamp) || Math.abs(nowSeconds - Number(timestamp)) > toleranceSeconds) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
  return signatures.split(' ').some((signature) => {
    const [version, value = ''] = signature.split(',');
    const received = Buffer.from(value, 'base64');
    return version === 'v1' && received.length === expected.length && timingSafeEqual(received, expected);
  });
};
