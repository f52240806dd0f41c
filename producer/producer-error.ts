export type ProducerErrorCode =
  /** The service would refuse the event; the message names the field and the rule. */
  | 'invalid_event'
  /** Too many events are not yet confirmed by the stream; await `waitForRoom` first. */
  | 'overloaded'
  /** The stream did not confirm the event's message after several tries. It may still have stored it: emit the event again. */
  | 'not_stored'
  | 'closed';

/** The failure of one event, without its content. */
export class ProducerError extends Error {
  readonly code: ProducerErrorCode;

  constructor(code: ProducerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ProducerError';
    this.code = code;
  }
}
