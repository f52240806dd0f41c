export type ProducerErrorCode =
  /** The event would be refused by the service; the message says where. */
  | 'invalid_event'
  /** More events wait for the stream than may; ask `room` first. */
  | 'overloaded'
  /** The stream did not confirm the event's message, tried several times. It may be stored all the same: emit it again. */
  | 'not_stored'
  | 'closed';

/** Tells what became of one event, without its content. */
export class ProducerError extends Error {
  readonly code: ProducerErrorCode;

  constructor(code: ProducerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ProducerError';
    this.code = code;
  }
}
