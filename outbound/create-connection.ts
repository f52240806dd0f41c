import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { type Exchange, watchExchange } from './watch-exchange.js';

export interface Connection {
  /** Gives a request this connection. */
  readonly agent: http.Agent;
  /** Of the last request; undefined before the first. */
  readonly exchange: () => Exchange | undefined;
  /** Lets what is written go out. Bytes that the receiver does not take are dropped. */
  readonly close: () => void;
}

/** What every agent of Node has: it gets a request that looks for a connection. Node's types do not tell of it. */
interface RequestTaker {
  readonly addRequest: (request: http.ClientRequest, options: http.RequestOptions) => void;
}

/**
 * Makes an open socket usable for requests. Node's own agents hand a connection on to the next request that waits for one,
 * `keepAlive` or not; here each connection has an agent to itself, so nothing waits, and nothing can be handed on.
 */
export function createConnection(socket: Socket, protocol: string): Connection {
  const agent = (protocol === 'https:' ? new https.Agent() : new http.Agent()) as http.Agent & RequestTaker;
  const { addRequest } = agent;
  let exchange: Exchange | undefined;
  Object.assign(agent, {
    createConnection: () => socket,
    addRequest: (request: http.ClientRequest, options: http.RequestOptions) => {
      exchange = watchExchange(request);
      addRequest.call(agent, request, options);
    },
  });
  return {
    agent,
    exchange: () => exchange,
    close: () => (socket.writableLength > 0 ? socket.destroy() : socket.destroySoon()),
  };
}
