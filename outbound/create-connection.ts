import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { idleTimeMs } from './idle-time.js';
import { type Exchange, newExchange, watchExchange } from './watch-exchange.js';

/** A connection carries requests of this owner only. */
export interface ConnectionOwner {
  readonly webhookId: string;
  /** Counts the changes of the webhook, of its URL, secret and status among others. */
  readonly revision: number;
  readonly origin: string;
}

export interface Connection {
  readonly owner: ConnectionOwner;
  readonly socket: Socket;
  /** The address that it leads to. */
  readonly address: string;
  /** Milliseconds of the pool's clock. */
  readonly openedAtMs: number;
  /** For one request. After it, and before it is kept, the connection is for nothing else. */
  readonly use: () => ConnectionUse;
  /** Bytes that are already written still go out, unless the receiver does not read them. */
  readonly close: () => void;
}

export interface ConnectionUse {
  /** Gives the request this connection. */
  readonly agent: http.Agent;
  readonly exchange: Exchange;
  /** Whether reading the answer to its end is worth while. */
  readonly mayBeKept: boolean;
  /** Closes the connection unless it is kept for the next request. */
  readonly end: () => void;
}

export interface ConnectionParts {
  readonly socket: Socket;
  readonly owner: ConnectionOwner;
  readonly openedAtMs: number;
  /** Takes a connection after its request for `idleMs`, or answers false. Absent: no connection is kept, and `connection: close` says so. */
  readonly keep?: ((connection: Connection, idleMs: number) => boolean) | undefined;
}

/** Every agent of Node has this method: it receives a request that needs a connection. Node's types do not declare it. */
interface RequestTaker {
  readonly addRequest: (request: http.ClientRequest, options: http.RequestOptions) => void;
}

/**
 * Makes an open socket usable for requests, one at a time. Node's own agents hand a connection on to the next request that
 * waits for one, `keepAlive` or not; here each connection has an agent to itself, so nothing waits for it in there.
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
    // Asked when the answer has been read to its end, all of the request is sent, and neither side has announced to close.
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

/** 0 where the answer leaves doubts about what the connection carries next. */
function idleTimeAfter({ response }: Exchange): number {
  if (response?.complete !== true || response.httpVersion !== '1.1') return 0;
  return idleTimeMs(response.headers['keep-alive']?.toString());
}
