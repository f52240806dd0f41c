import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions as TlsOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';

export type ReceivedRequest = {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  /** Alternating names and values exactly as they came over the wire. */
  rawHeaders: string[];
  body: Buffer;
  /** Milliseconds since 1970, once the body is complete. */
  receivedAt: number;
};

export type Handler = (request: ReceivedRequest, response: ServerResponse) => void | Promise<void>;

export type Receiver = {
  /** `http://127.0.0.1:port/`, or https where it has a certificate. */
  url: string;
  port: number;
  requests: ReceivedRequest[];
  /** The handler for later requests. */
  behave: (handler: Handler) => void;
  /** Resolves once `count` requests have arrived in all, rejects after `timeoutMs` (10 s). */
  received: (count: number, timeoutMs?: number) => Promise<ReceivedRequest[]>;
  close: () => Promise<void>;
};

type Answer = {
  status?: number;
  headers?: Record<string, string | string[]>;
  body?: string | Buffer;
  /** Milliseconds before the status line. */
  delayMs?: number;
};

/** A plain answer; 200 with an empty body by default. */
export function answer({ status = 200, headers = {}, body = '', delayMs = 0 }: Answer = {}): Handler {
  return async (_request, response) => {
    if (delayMs > 0) await sleep(delayMs);
    response.writeHead(status, headers).end(body);
  };
}

/** Accepts the request and never responds. */
export const neverAnswer = (): Handler => () => {};

async function* endless(everyMs?: number): AsyncGenerator<Buffer> {
  for (;;) {
    if (everyMs !== undefined) await sleep(everyMs);
    yield Buffer.alloc(everyMs === undefined ? 16_384 : 1, 'a');
  }
}

/** Answers 200 and then sends without end, as fast as the connection takes it or a byte every `everyMs`. */
export function endlessBody({ everyMs, status = 200 }: { everyMs?: number; status?: number } = {}): Handler {
  return async (_request, response) => {
    response.writeHead(status, { 'content-type': 'text/plain' });
    response.flushHeaders();
    // Ends with an error when the other side has had enough.
    await pipeline(Readable.from(endless(everyMs)), response).catch(() => {});
  };
}

/** Breaks the connection off with a TCP reset instead of an answer. */
export const resetConnection = (): Handler => (_request, response) => void response.socket?.resetAndDestroy();

/** Writes these bytes where the status line should be, and closes unless `keepOpen`. */
export function rawAnswer(bytes: string | Buffer, { keepOpen = false } = {}): Handler {
  return (_request, response) => {
    if (keepOpen) response.socket?.write(bytes);
    else response.socket?.end(bytes);
  };
}

/** One handler after the other; the last one stays. */
export function inTurn(first: Handler, ...rest: Handler[]): Handler {
  const handlers = [first, ...rest];
  return (request, response) => (handlers.length > 1 ? handlers.shift()! : handlers[0]!)(request, response);
}

async function record(message: IncomingMessage): Promise<ReceivedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const { method = '', url: path = '', headers, rawHeaders } = message;
  return { method, path, headers, rawHeaders, body: Buffer.concat(chunks), receivedAt: Date.now() };
}

/** A real HTTP or HTTPS server on a free port of 127.0.0.1 that records its requests and responds with the given handler. */
export async function startReceiver(
  handler: Handler = answer(),
  { tls }: { tls?: TlsOptions } = {},
): Promise<Receiver> {
  let current = handler;
  const requests: ReceivedRequest[] = [];
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  function listener(message: IncomingMessage, response: ServerResponse): void {
    record(message)
      .then(async (request) => {
        requests.push(request);
        server.emit('recorded');
        await current(request, response);
      })
      .catch(() => response.destroy());
  }
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}/`,
    port,
    requests,
    behave: (next) => void (current = next),
    async received(count, timeoutMs = 10_000) {
      const signal = AbortSignal.timeout(timeoutMs);
      while (requests.length < count) await once(server, 'recorded', { signal });
      return requests.slice(0, count);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
