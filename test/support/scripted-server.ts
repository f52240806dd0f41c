import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Certificate } from './certificates.js';

export interface ScriptedRequest {
  /** Of the connections, counted from 1. */
  readonly connection: number;
  /** Of this connection's requests, counted from 1. */
  readonly nth: number;
  /** Start line, headers and body as they came. */
  readonly text: string;
}

/** Answers a request, byte by byte as it likes. */
export type Script = (socket: Socket, request: ScriptedRequest) => unknown;

export interface ScriptedServer {
  readonly url: string;
  readonly port: number;
  readonly requests: ScriptedRequest[];
  readonly connections: () => number;
  /** Connections that are open now. */
  readonly open: () => number;
  /** What later requests get. */
  readonly behave: (script: Script) => void;
  readonly close: () => Promise<void>;
}

/** The bytes of an answer with a length. */
export const answerBytes = (body = 'ok', headers = '', status = '200 OK'): string =>
  `HTTP/1.1 ${status}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`;

/** A server that reads HTTP requests with a length and lets `script` write what it wants where Node's own would not. */
export async function startScriptedServer(
  script: Script,
  { tls, host = '127.0.0.1', port = 0 }: { tls?: Certificate; host?: string; port?: number } = {},
): Promise<ScriptedServer> {
  let current = script;
  let connections = 0;
  const sockets = new Set<Socket>();
  const requests: ScriptedRequest[] = [];
  const accept = (socket: Socket): void => {
    const connection = (connections += 1);
    let nth = 0;
    sockets.add(socket.on('error', () => {}).on('close', () => sockets.delete(socket)));
    readRequests(socket, (text) => {
      const request = { connection, nth: (nth += 1), text };
      requests.push(request);
      current(socket, request);
    });
  };
  const server = tls === undefined ? createServer(accept) : createTlsServer(tls, accept);
  server.listen(port, host);
  await once(server, 'listening');
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${host}:${bound}/`,
    port: bound,
    requests,
    connections: () => connections,
    open: () => sockets.size,
    behave: (next) => void (current = next),
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function readRequests(socket: Socket, onRequest: (text: string) => void): void {
  let received = '';
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1');
    for (let end = endOfRequest(received); end > 0; end = endOfRequest(received)) {
      const text = received.slice(0, end);
      received = received.slice(end);
      onRequest(text);
    }
  });
}

/** Where the first request ends; 0 while it is not complete. */
function endOfRequest(text: string): number {
  const head = text.indexOf('\r\n\r\n');
  if (head < 0) return 0;
  const length = Number(/^content-length: (\d+)\r$/im.exec(text.slice(0, head + 2))?.[1] ?? 0);
  const end = head + 4 + length;
  return text.length >= end ? end : 0;
}
