import type { ClientRequest, IncomingMessage } from 'node:http';
import { InvalidAnswerError } from './connection-errors.js';

/** What one request and its answer have met so far. */
export interface Exchange {
  /** A byte has come back: the receiver has seen the request. */
  hasBegun: boolean;
  /** An informational status line (RFC 9110 §15.2) has come: the receiver owes a final one. */
  hasInformed: boolean;
  /** Set with the final status line. */
  response?: IncomingMessage;
  /** It ended so well that its connection waits for the next request; what happens to that is not this one's any more. */
  isConnectionKept: boolean;
}

export const newExchange = (): Exchange => ({
  hasBegun: false,
  hasInformed: false,
  isConnectionKept: false,
});

/** Of names and values, without what is between them. A receiver that sets many cookies has done its work all the same. */
const MAX_HEADER_BYTES = 256 * 1024;

/** Watches a request that has no connection yet, for what fetch does not tell. */
export function watchExchange(request: ClientRequest, exchange: Exchange): void {
  // An option of http.request that fetch does not hand on; Node reads it when the request gets its connection.
  Object.assign(request, { maxHeaderSize: MAX_HEADER_BYTES });
  request.on('information', () => (exchange.hasInformed = true));
  request.once('response', (response) => (exchange.response = response));
  request.once('socket', (socket) => socket.once('data', () => (exchange.hasBegun = true)));
  // Without a listener Node closes the connection and says nothing to the request.
  request.once('upgrade', (_response, socket) => {
    socket.destroy();
    request.emit('error', new InvalidAnswerError());
  });
}
