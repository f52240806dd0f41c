import type { ClientRequest, IncomingMessage } from 'node:http';
import { InvalidAnswerError } from './connection-errors.js';

/** The progress of one request and its answer. */
export interface Exchange {
  /** A byte of the answer has arrived. */
  hasReceivedBytes: boolean;
  /** An informational status line (RFC 9110 §15.2) has arrived. A final one must follow. */
  isInformed: boolean;
  /** Set when the final status line has arrived. */
  response?: IncomingMessage;
  /** The connection is in the pool, or serves a later request already. */
  isConnectionKept: boolean;
}

export const newExchange = (): Exchange => ({
  hasReceivedBytes: false,
  isInformed: false,
  isConnectionKept: false,
});

/** Names and values together. A receiver that sets many cookies has processed the request all the same. */
const MAX_HEADER_BYTES = 256 * 1024;

/** Notes the events of a request that fetch does not report. To be called before the request has a connection. */
export function watchExchange(request: ClientRequest, exchange: Exchange): void {
  // An option of http.request that fetch does not hand on; Node reads it when the request gets its connection.
  Object.assign(request, { maxHeaderSize: MAX_HEADER_BYTES });
  request.on('information', () => (exchange.isInformed = true));
  request.once('response', (response) => (exchange.response = response));
  request.once('socket', (socket) => socket.once('data', () => (exchange.hasReceivedBytes = true)));
  // Without a listener Node closes the connection and says nothing to the request.
  request.once('upgrade', (_response, socket) => {
    socket.destroy();
    request.emit('error', new InvalidAnswerError());
  });
}
