import fetch from 'node-fetch';
import type { UrlGate } from '../domain/security/url-gate.js';
import { toErrorCode, type ErrorCode } from './error-code.js';
import type { AgentFor } from './guarded-agent.js';
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

/**
 * POSTs to a customer. Redirects are answers, not instructions; nothing is decompressed; the status line is the
 * customer's acknowledgement, so a body that breaks off or drips afterwards does not change the result.
 */
export function createPost({ checkUrl, agentFor }: { checkUrl: UrlGate; agentFor: AgentFor }): Post {
  return async ({ url, body, headers, timeoutMs = TIMEOUT_MS }) => {
    const startedAt = performance.now();
    const durationMs = () => Math.round(performance.now() - startedAt);
    // Again at every attempt: the stored URL may be older than a rule. Also keeps data: away from fetch, which answers it.
    const verdict = checkUrl(url);
    if (!verdict.ok) return { kind: 'error', code: 'blocked', durationMs: durationMs() };

    // The one clock of the attempt. Never AbortSignal.any over it: on Node 20 the timeout can be collected unfired.
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const response = await fetch(verdict.url, {
        method: 'POST',
        body,
        headers: { ...headers, 'accept-encoding': 'identity' },
        redirect: 'manual',
        follow: 0,
        compress: false,
        signal,
        agent: agentFor,
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
