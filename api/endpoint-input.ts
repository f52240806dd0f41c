import { generateSecret, parseSecretInput } from '../domain/security/secret-input.js';
import type { UrlGate } from '../domain/security/url-gate.js';
import { ProblemError } from './problem-error.js';

/** The canonical form of a permitted URL. @throws ProblemError `invalid_request` naming the rule that refused it. */
export function requirePermittedUrl(urlGate: UrlGate, url: string): string {
  const verdict = urlGate(url);
  if (!verdict.ok) throw new ProblemError('invalid_request', [{ pointer: '/url', code: `url_${verdict.reason}` }]);
  return verdict.url;
}

/** The key bytes of a customer's secret. @throws ProblemError `invalid_request` */
export function parseSecretKey(secret: string): Buffer {
  const input = parseSecretInput(secret);
  if (!input.ok) throw new ProblemError('invalid_request', [{ pointer: '/secret', code: `secret_${input.reason}` }]);
  return input.key;
}

/** The customer's secret, or a new one. @throws ProblemError `invalid_request` */
export const parseOrGenerateSecret = (secret: string | undefined): { secret: string; key: Buffer } =>
  secret === undefined ? generateSecret() : { secret, key: parseSecretKey(secret) };
