import type { Request } from 'express';
import { ProblemError } from './problem-error.js';

/** draft-ietf-httpapi-idempotency-key-header: a structured string. Most clients send it without quotes, which is accepted too. */
const KEY = /^(")?([\x20\x21\x23-\x5b\x5d-\x7e]{1,255})\1?$/;

/** @throws ProblemError `idempotency_key_invalid` */
export function readIdempotencyKey(request: Pick<Request, 'headersDistinct'>): string | undefined {
  const [value, ...more] = request.headersDistinct['idempotency-key'] ?? [];
  if (value === undefined) return undefined;
  const [, , key] = more.length === 0 ? (KEY.exec(value.trim()) ?? []) : [];
  if (key === undefined) throw new ProblemError('idempotency_key_invalid');
  return key;
}
