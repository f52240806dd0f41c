import { type DispatchEvent, dispatchEventSchema, MAX_EVENT_BYTES } from '../contracts/bus/dispatch-message.js';
import { ProducerError } from './producer-error.js';

export interface SerializedEvent {
  readonly id: string;
  readonly accountId: string;
  /** The JSON to publish. */
  readonly text: string;
  readonly bytes: number;
}

/** Finds NUL and lone surrogates: JSON.stringify escapes them, and writes pairs of surrogates unescaped. */
const UNSTORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/;

/**
 * Checks one event as the service does and serializes it. The service refuses a whole batch for one invalid event.
 * @throws ProducerError `invalid_event`, naming the field and the rule, never a value.
 */
export function serializeEvent(event: DispatchEvent): SerializedEvent {
  const { success, data, error } = dispatchEventSchema.safeParse(event);
  if (!success) throw invalid(error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
  const text = toJson(data);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_EVENT_BYTES) throw invalid(`larger than ${String(MAX_EVENT_BYTES)} bytes`);
  if (UNSTORABLE.test(text)) throw invalid('a NUL character or a lone surrogate in a string');
  return { id: data.id, accountId: data.accountId, text, bytes };
}

function toJson(event: DispatchEvent): string {
  try {
    return JSON.stringify(event);
  } catch {
    throw invalid('not JSON');
  }
}

const invalid = (why: string): ProducerError => new ProducerError('invalid_event', `the event is not valid: ${why}`);
