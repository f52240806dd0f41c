import type { ClientRequest, IncomingMessage } from 'node:http';
import { InvalidAnswerError } from './connection-errors.js';

/** What one request has met so far. */
export interface Exchange {
  /** An informational status line (RFC 9110 §15.2) has come: the receiver owes a final one. */
  hasInformed: boolean;
  /** Set with the final status line. */
  response?: IncomingMessage;
}

/** Of names and values, without what is between them. A receiver that sets many cookies has done its work all the same. */
const MAX_HEADER_BYTES = 256 * 1024;

/** Watches a request that has no connection yet, for what fetch does not tell. */
export function watchExchange(request: ClientRequest): Exchange {
  const exchange: Exchange = { hasInformed: false };
  // An option of http.request that fetch does not hand on; Node reads it when the request gets its connection.
  Object.assign(request, { maxHeaderSize: MAX_HEADER_BYTES });
  request.on('information', () => (exchange.hasInformed = true));
  request.once('response', (response) => (exchange.response = response));
  // Without a listener Node closes the connection and says nothing to the request.
  request.once('upgrade', (_response, socket) => {
    socket.destroy();
    request.emit('error', new InvalidAnswerError());
  });
  return exchange;
}
