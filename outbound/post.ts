import type { UrlGate } from '../domain/security/url-gate.js';
import { beforeAbort } from './before-abort.js';
import { createConnection } from './create-connection.js';
import { toErrorCode, type ErrorCode } from './error-code.js';
import type { FindAddresses } from './find-addresses.js';
import type { OpenSocket } from './open-socket.js';
import { type Answer, sendRequest } from './send-request.js';

export interface PostRequest {
  readonly url: string;
  /** Sent exactly as it is: these are the bytes that were signed. */
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds for name, connection, TLS, headers and body together. */
  readonly timeoutMs?: number;
}

export type PostResult = ({ kind: 'response' } & Answer & Timed) | ({ kind: 'error'; code: ErrorCode } & Timed);

interface Timed {
  readonly durationMs: number;
}

/** Never rejects: every way a delivery can fail is a value. */
export type Post = (request: PostRequest) => Promise<PostResult>;

const TIMEOUT_MS = 5000;

export interface PostDeps {
  readonly checkUrl: UrlGate;
  readonly findAddresses: FindAddresses;
  readonly openSocket: OpenSocket;
}

/** POSTs to a customer: judges the URL and its addresses, connects, sends. */
export function createPost({ checkUrl, findAddresses, openSocket }: PostDeps): Post {
  const send = async (url: URL, { body, headers }: PostRequest, signal: AbortSignal): Promise<Answer> => {
    const addresses = await beforeAbort(signal, findAddresses(url.hostname));
    const connection = createConnection(await openSocket({ url, addresses }, signal), url.protocol);
    try {
      return await sendRequest(connection, { url, body, headers }, signal);
    } finally {
      connection.close();
    }
  };

  return async (request) => {
    const startedAt = performance.now();
    const durationMs = () => Math.round(performance.now() - startedAt);
    // Again at every attempt: the stored URL may be older than a rule. Also keeps data: away from fetch, which answers it.
    const verdict = checkUrl(request.url);
    if (!verdict.ok) return { kind: 'error', code: 'blocked', durationMs: durationMs() };

    // The one clock of the attempt. Never AbortSignal.any over it: on Node 20 the timeout can be collected unfired.
    const signal = AbortSignal.timeout(request.timeoutMs ?? TIMEOUT_MS);
    try {
      const answer = await send(new URL(verdict.url), request, signal);
      return { kind: 'response', ...answer, durationMs: durationMs() };
    } catch (error) {
      return { kind: 'error', code: signal.aborted ? 'timeout' : toErrorCode(error), durationMs: durationMs() };
    }
  };
}
