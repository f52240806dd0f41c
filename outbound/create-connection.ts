import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { idleTimeMs } from './idle-time.js';
import { type Exchange, newExchange, watchExchange } from './watch-exchange.js';

/** The webhook that a connection belongs to. No other webhook, revision or origin may use it. */
export interface ConnectionOwner {
  readonly webhookId: string;
  /** Counts the changes of the webhook, of its URL, secret and status among others. */
  readonly revision: number;
  readonly origin: string;
}

export interface Connection {
  readonly owner: ConnectionOwner;
  readonly socket: Socket;
  /** The remote address. */
  readonly address: string;
  /** Milliseconds of the pool's clock. */
  readonly openedAtMs: number;
  /** Starts the use of the connection for one request. */
  readonly use: () => ConnectionUse;
  /** Sends the bytes that the receiver accepts at once, and closes. */
  readonly close: () => void;
}

export interface ConnectionUse {
  /** Gives the request this connection. */
  readonly agent: http.Agent;
  readonly exchange: Exchange;
  /** Whether the connection may be kept after this request if the answer was read to its end. */
  readonly mayBeKept: boolean;
  /** Closes the connection unless it is kept for the next request. */
  readonly end: () => void;
}

export interface ConnectionParts {
  readonly socket: Socket;
  readonly owner: ConnectionOwner;
  readonly openedAtMs: number;
  /** Puts the connection into the pool for `idleMs`, or answers false. Absent: the request says `connection: close`. */
  readonly keep?: ((connection: Connection, idleMs: number) => boolean) | undefined;
}

/** The method by which a request asks its agent for a connection. Node's types do not contain it. */
interface RequestTaker {
  readonly addRequest: (request: http.ClientRequest, options: http.RequestOptions) => void;
}

/**
 * Makes an open socket usable for requests, one at a time. Each connection has an agent of its own: an agent of Node that serves
 * several requests gives a finished connection to the next waiting request, even without `keepAlive`.
 */
export function createConnection({ socket, owner, openedAtMs, keep }: ConnectionParts): Connection {
  let exchange = newExchange();
  const mayBeKept = keep !== undefined;
  const agent = newAgent(owner.origin, mayBeKept);
  const { addRequest } = agent;
  const close = () => (socket.writableLength > 0 ? socket.destroy() : socket.destroySoon());
  const use = (): ConnectionUse => {
    const current = newExchange();
    exchange = current;
    return { agent, exchange: current, mayBeKept, end: () => current.isConnectionKept || close() };
  };
  const connection = { owner, socket, address: socket.remoteAddress ?? '', openedAtMs, use, close };
  Object.assign(agent, {
    createConnection: () => socket,
    addRequest: (request: http.ClientRequest, requestOptions: http.RequestOptions) => {
      watchExchange(request, exchange);
      addRequest.call(agent, request, requestOptions);
    },
    // Node calls it when the answer was read to its end, the request is sent completely, and neither side wants to close.
    keepSocketAlive: () => {
      const isKept = keep?.(connection, idleTimeAfter(exchange)) ?? false;
      exchange.isConnectionKept = isKept;
      // An idle connection does not hold the answer.
      exchange = newExchange();
      return isKept;
    },
  });
  return connection;
}

function newAgent(origin: string, keepAlive: boolean): http.Agent & RequestTaker {
  const agent = origin.startsWith('https:') ? new https.Agent({ keepAlive }) : new http.Agent({ keepAlive });
  return agent as http.Agent & RequestTaker;
}

/** 0 if the answer does not allow another request on the connection. */
function idleTimeAfter({ response }: Exchange): number {
  if (response?.complete !== true || response.httpVersion !== '1.1') return 0;
  return idleTimeMs(response.headers['keep-alive']?.toString());
}
