import type { ConnectionErrorCode } from '../domain/delivery/statuses.js';
import type { UrlGate } from '../domain/security/url-gate.js';
import { beforeAbort } from './before-abort.js';
import type { ConnectionPool } from './connection-pool.js';
import { type ConnectionOwner, createConnection } from './create-connection.js';
import { toErrorCode } from './error-code.js';
import type { FindAddresses } from './find-addresses.js';
import type { OpenSocket } from './open-socket.js';
import { type Answer, sendRequest } from './send-request.js';

export interface PostRequest {
  /** The webhook as it is now. A connection is reused for the same webhook and revision only. */
  readonly endpoint: Omit<ConnectionOwner, 'origin'>;
  readonly url: string;
  /** Sent exactly as it is: these are the bytes that were signed. */
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds for name, connection, TLS, headers and body together. */
  readonly timeoutMs?: number;
}

export type PostResult = Facts & (({ kind: 'response' } & Answer) | { kind: 'error'; code: ConnectionErrorCode });

interface Facts {
  readonly durationMs: number;
  /** Absent if no connection was made. */
  readonly connection?: RequestConnection;
}

/**
 * The connection that carried a request. `repeated`: a reused connection failed before a byte of the answer, so the request was
 * made once more on a new one. The receiver may have received it twice, with the same id, time and signature.
 */
export const REQUEST_CONNECTIONS = ['new', 'reused', 'repeated'] as const;
export type RequestConnection = (typeof REQUEST_CONNECTIONS)[number];

/** Never rejects: every way a delivery can fail is a value. */
export type Post = (request: PostRequest) => Promise<PostResult>;

const TIMEOUT_MS = 5000;

export interface PostDeps {
  readonly checkUrl: UrlGate;
  readonly findAddresses: FindAddresses;
  readonly openSocket: OpenSocket;
  /** Absent: no connection is kept. */
  readonly pool?: ConnectionPool | undefined;
  /** Milliseconds of a monotonic clock, the same as the pool's. */
  readonly now: () => number;
}

/** Creates the function that POSTs to a customer: it checks the URL and its addresses, reuses or opens a connection, and sends. */
export function createPost(deps: PostDeps): Post {
  return async (request) => {
    const startedAtMs = deps.now();
    const durationMs = () => Math.round(deps.now() - startedAtMs);
    // Again at every attempt: the stored URL may be older than a rule. Also keeps data: away from fetch, which answers it.
    const verdict = deps.checkUrl(request.url);
    if (!verdict.ok) return { kind: 'error', code: 'blocked', durationMs: durationMs() };

    // The one clock of the attempt. Never AbortSignal.any over it: on Node 20 the timeout can be collected unfired.
    const signal = AbortSignal.timeout(request.timeoutMs ?? TIMEOUT_MS);
    const progress: Progress = {};
    try {
      const answer = await send(deps, { request, url: new URL(verdict.url), signal, progress });
      // 410 disables the webhook.
      if (answer.status === 410) deps.pool?.closeWebhook(request.endpoint.webhookId);
      return { kind: 'response', ...answer, durationMs: durationMs(), ...progress };
    } catch (error) {
      // A failure of one connection often means that the others are unusable too.
      deps.pool?.closeWebhook(request.endpoint.webhookId);
      const code = signal.aborted ? 'timeout' : toErrorCode(error);
      return { kind: 'error', code, durationMs: durationMs(), ...progress };
    }
  };
}

/** Filled in while the request is made, so that a failure can report it too. */
interface Progress {
  connection?: RequestConnection;
}

interface Sending {
  readonly request: PostRequest;
  readonly url: URL;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

async function send({ findAddresses, openSocket, pool, now }: PostDeps, sending: Sending): Promise<Answer> {
  const { request, url, signal, progress } = sending;
  const outgoing = { url, body: request.body, headers: request.headers };
  const owner: ConnectionOwner = { ...request.endpoint, origin: url.origin };
  const addresses = await beforeAbort(signal, findAddresses(url.hostname));

  const kept = pool?.take(owner, addresses)?.use();
  if (kept !== undefined) {
    progress.connection = 'reused';
    try {
      return await sendRequest(kept, outgoing, signal);
    } catch (error) {
      // Most likely the receiver closed the idle connection at the same time. A failure after a first byte is an answer.
      if (kept.exchange.hasReceivedBytes || signal.aborted) throw error;
      progress.connection = 'repeated';
    }
  }
  const socket = await openSocket({ url, addresses }, signal);
  progress.connection ??= 'new';
  const connection = createConnection({ socket, owner, openedAtMs: now(), keep: pool?.keep });
  return await sendRequest(connection.use(), outgoing, signal);
}
