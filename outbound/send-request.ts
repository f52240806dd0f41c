import fetch from 'node-fetch';
import { InvalidAnswerError } from './connection-errors.js';
import type { Connection } from './create-connection.js';
import { toErrorCode } from './error-code.js';
import { readPreview } from './read-preview.js';

export interface OutgoingRequest {
  readonly url: URL;
  /** Sent exactly as it is: these are the bytes that were signed. */
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly preview: string;
  readonly truncated: boolean;
  /** The raw `Retry-After` header, if there was one. */
  readonly retryAfter?: string;
}

/**
 * POSTs over this connection. Redirects are answers, not instructions; nothing is decompressed; the status line is the
 * receiver's acknowledgement, so a body that breaks off or drips afterwards does not change the result.
 * @throws InvalidAnswerError, or what fetch throws.
 */
export async function sendRequest(
  connection: Connection,
  { url, body, headers }: OutgoingRequest,
  signal: AbortSignal,
): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    body,
    headers: { ...headers, 'accept-encoding': 'identity' },
    redirect: 'manual',
    follow: 0,
    compress: false,
    signal,
    agent: connection.agent,
  }).catch((error: unknown) => {
    throw connection.exchange()?.hasInformed && toErrorCode(error) === 'reset' ? new InvalidAnswerError() : error;
  });
  const { status } = response;
  // RFC 9110 §15: there are five classes. 101 answers an Upgrade that was not sent.
  if (status < 200 || status > 599) throw new InvalidAnswerError();
  const retryAfter = response.headers.get('retry-after');
  const { preview, truncated } = await readPreview(response.body);
  return { status, preview, truncated, ...(retryAfter === null ? {} : { retryAfter }) };
}
