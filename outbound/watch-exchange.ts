import type { ClientRequest, IncomingMessage } from 'node:http';
import { InvalidAnswerError } from './connection-errors.js';

/** The progress of one request and its answer. */
export interface Exchange {
  /** A byte has come back: the receiver has seen the request. */
  hasAnswerStarted: boolean;
  /** An informational status line (RFC 9110 §15.2) has come: the receiver owes a final one. */
  hasInformed: boolean;
  /** Set with the final status line. */
  response?: IncomingMessage;
  /** The exchange is complete and its connection waits for the next request: later events of the socket belong to that one. */
  isConnectionKept: boolean;
}

export const newExchange = (): Exchange => ({
  hasAnswerStarted: false,
  hasInformed: false,
  isConnectionKept: false,
});

/** Counts names and values only. A receiver that sets many cookies has accepted the request all the same. */
const MAX_HEADER_BYTES = 256 * 1024;

/** Watches a request that has no connection yet, for events that fetch does not report. */
export function watchExchange(request: ClientRequest, exchange: Exchange): void {
  // An option of http.request that fetch does not hand on; Node reads it when the request gets its connection.
  Object.assign(request, { maxHeaderSize: MAX_HEADER_BYTES });
  request.on('information', () => (exchange.hasInformed = true));
  request.once('response', (response) => (exchange.response = response));
  request.once('socket', (socket) => socket.once('data', () => (exchange.hasAnswerStarted = true)));
  // Without a listener Node closes the connection and says nothing to the request.
  request.once('upgrade', (_response, socket) => {
    socket.destroy();
    request.emit('error', new InvalidAnswerError());
  });
}
