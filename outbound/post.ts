import fetch from 'node-fetch';
import type { UrlGate } from '../domain/security/url-gate.js';
import { beforeAbort } from './before-abort.js';
import { createConnectionAgent } from './connection-agent.js';
import { toErrorCode, type ErrorCode } from './error-code.js';
import type { FindAddresses } from './find-addresses.js';
import type { OpenSocket } from './open-socket.js';
import { readPreview } from './read-preview.js';

export type PostRequest = {
  url: string;
  /** Sent exactly as it is: these are the bytes that were signed. */
  body: Buffer;
  headers: Readonly<Record<string, string>>;
  /** Milliseconds for name, connection, TLS, headers and body together. */
  timeoutMs?: number;
};

export type PostResult =
  | {
      kind: 'response';
      status: number;
      preview: string;
      truncated: boolean;
      /** The raw `Retry-After` header, if there was one. */
      retryAfter?: string;
      durationMs: number;
    }
  | { kind: 'error'; code: ErrorCode; durationMs: number };

/** Never rejects: every way a delivery can fail is a value. */
export type Post = (request: PostRequest) => Promise<PostResult>;

const TIMEOUT_MS = 5000;

export interface PostDeps {
  readonly checkUrl: UrlGate;
  readonly findAddresses: FindAddresses;
  readonly openSocket: OpenSocket;
}

/**
 * POSTs to a customer. Redirects are answers, not instructions; nothing is decompressed; the status line is the
 * customer's acknowledgement, so a body that breaks off or drips afterwards does not change the result.
 */
export function createPost({ checkUrl, findAddresses, openSocket }: PostDeps): Post {
  return async ({ url: text, body, headers, timeoutMs = TIMEOUT_MS }) => {
    const startedAt = performance.now();
    const durationMs = () => Math.round(performance.now() - startedAt);
    // Again at every attempt: the stored URL may be older than a rule. Also keeps data: away from fetch, which answers it.
    const verdict = checkUrl(text);
    if (!verdict.ok) return { kind: 'error', code: 'blocked', durationMs: durationMs() };

    const url = new URL(verdict.url);
    // The one clock of the attempt. Never AbortSignal.any over it: on Node 20 the timeout can be collected unfired.
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const addresses = await beforeAbort(signal, findAddresses(url.hostname));
      const socket = await openSocket({ url, addresses }, signal);
      const response = await fetch(url, {
        method: 'POST',
        body,
        headers: { ...headers, 'accept-encoding': 'identity' },
        redirect: 'manual',
        follow: 0,
        compress: false,
        signal,
        agent: createConnectionAgent(socket, url.protocol),
      });
      const retryAfter = response.headers.get('retry-after');
      const { preview, truncated } = await readPreview(response.body);
      const result = {
        kind: 'response',
        status: response.status,
        preview,
        truncated,
        durationMs: durationMs(),
      } as const;
      return retryAfter === null ? result : { ...result, retryAfter };
    } catch (error) {
      return { kind: 'error', code: signal.aborted ? 'timeout' : toErrorCode(error), durationMs: durationMs() };
    }
  };
}
