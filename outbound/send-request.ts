import fetch from 'node-fetch';
import { InvalidAnswerError } from './connection-errors.js';
import type { ConnectionUse } from './create-connection.js';
import { toErrorCode } from './error-code.js';
import { type DrainLimits, readPreview } from './read-preview.js';

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

/** Of an answer that is longer than its preview; what takes more than that costs more than a new connection. */
const DRAIN: DrainLimits = { maxBytes: 64 * 1024, maxMs: 100 };

/**
 * POSTs over a connection, and ends its use. Redirects are answers, not instructions; nothing is decompressed; the status line
 * is the receiver's acknowledgement, so a body that breaks off or drips afterwards does not change the result.
 * @throws InvalidAnswerError, or what fetch throws.
 */
export async function sendRequest(
  { agent, exchange, mayBeKept, end }: ConnectionUse,
  request: OutgoingRequest,
  signal: AbortSignal,
): Promise<Answer> {
  try {
    const response = await fetch(request.url, { ...optionsOf(request), agent, signal });
    const { status } = response;
    // RFC 9110 §15: there are five classes. 101 answers an Upgrade that was not sent.
    if (status < 200 || status > 599) throw new InvalidAnswerError();
    const retryAfter = response.headers.get('retry-after');
    const { preview, truncated } = await readPreview(response.body, mayBeKept ? DRAIN : undefined);
    return { status, preview, truncated, ...(retryAfter === null ? {} : { retryAfter }) };
  } catch (error) {
    throw exchange.isInformed && toErrorCode(error) === 'reset' ? new InvalidAnswerError() : error;
  } finally {
    end();
  }
}

const optionsOf = ({ body, headers }: OutgoingRequest) =>
  ({
    method: 'POST',
    body,
    headers: { ...headers, 'accept-encoding': 'identity' },
    redirect: 'manual',
    follow: 0,
    compress: false,
  }) as const;
