import {
  type DispatchEvent,
  dispatchEventSchema,
  cloudEventSchema,
  MAX_BATCH_EVENTS,
  MAX_EVENT_BYTES,
  MAX_MESSAGE_BYTES,
} from '../contracts/bus/dispatch-message.js';
import { exceedsDoubleRange } from './number-range.js';

/** A problem and its place as a JSON pointer (RFC 6901). It contains no value and no field name that the producer chose. */
export interface MessageProblem {
  readonly path: string;
  readonly problem: string;
}

export interface DecodedMessage {
  readonly accountId: string;
  /** The unchanged text of the message. PostgreSQL takes `data` out of it. */
  readonly raw: string;
  readonly batch: boolean;
  /** If an id is repeated in a batch, only its first event is kept. */
  readonly events: { eventId: string; eventType: string; timestamp: string; position: number | null }[];
}

export type DecodeResult = { ok: true; message: DecodedMessage } | { ok: false; problems: MessageProblem[] };

const refuse = (problem: string, path = ''): DecodeResult => ({ ok: false, problems: [{ path, problem }] });

/** Reads a message of `webhook.dispatch`: one event or a batch of one account, plain or as CloudEvents 1.0. Never throws. */
export function decodeMessage(data: Uint8Array): DecodeResult {
  try {
    return decode(data);
  } catch {
    // JSON.parse accepts any depth, but the recursive checks after it run out of stack.
    return refuse('nested too deep');
  }
}

function decode(data: Uint8Array): DecodeResult {
  if (data.length > MAX_MESSAGE_BYTES) return refuse(`larger than ${String(MAX_MESSAGE_BYTES)} bytes`);
  const text = decodeText(data);
  if (text === undefined) return refuse('not UTF-8');
  const json = parseJson(text);
  if (json === undefined) return refuse('not JSON');
  // jsonb refuses both. Checked here, a bad message does not make the statement of its whole micro-batch fail.
  if (text.includes('\\u') && !isStorable(json.value)) return refuse('a NUL character or a lone surrogate in a string');
  if (exceedsDoubleRange(text)) return refuse('a number beyond double precision');
  return Array.isArray(json.value) ? decodeBatch(json.value, text) : decodeSingle(json.value, text);
}

function decodeText(data: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(data);
  } catch {
    return undefined;
  }
}

function parseJson(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return !value.includes('\u0000') && isWellFormed(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, inner]) => isStorable(key) && isStorable(inner));
}

/** Like `String.prototype.isWellFormed`, which the compiler's ES2023 library does not declare. */
const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text);

function decodeSingle(value: unknown, raw: string): DecodeResult {
  if (Buffer.byteLength(raw) > MAX_EVENT_BYTES) return refuse(`larger than ${String(MAX_EVENT_BYTES)} bytes`);
  const event = parseEvent(value, '');
  if (!event.ok) return event;
  const { accountId, id: eventId, type: eventType, timestamp } = event.event;
  const events = [{ eventId, eventType, timestamp, position: null }];
  return { ok: true, message: { accountId, raw, batch: false, events } };
}

function decodeBatch(values: readonly unknown[], raw: string): DecodeResult {
  if (values.length === 0 || values.length > MAX_BATCH_EVENTS)
    return refuse(`a batch has 1 to ${String(MAX_BATCH_EVENTS)} events`);
  const events = new Map<string, DecodedMessage['events'][number]>();
  let account: string | undefined;
  for (const [position, value] of values.entries()) {
    const path = `/${String(position)}`;
    if (Buffer.byteLength(JSON.stringify(value)) > MAX_EVENT_BYTES)
      return refuse(`larger than ${String(MAX_EVENT_BYTES)} bytes`, path);
    const parsed = parseEvent(value, path);
    if (!parsed.ok) return parsed;
    const { accountId, id: eventId, type: eventType, timestamp } = parsed.event;
    if ((account ??= accountId) !== accountId) return refuse('a batch is of one account', path);
    if (!events.has(eventId)) events.set(eventId, { eventId, eventType, timestamp, position });
  }
  return { ok: true, message: { accountId: account ?? '', raw, batch: true, events: [...events.values()] } };
}

type Parsed = { ok: true; event: Omit<DispatchEvent, 'data'> } | { ok: false; problems: MessageProblem[] };

const MAX_PROBLEMS = 20;

function parseEvent(value: unknown, path: string): Parsed {
  if (typeof value === 'object' && value !== null && 'specversion' in value) {
    const { success, data, error } = cloudEventSchema.safeParse(value);
    if (!success) return { ok: false, problems: toMessageProblems(error.issues, path) };
    return { ok: true, event: { id: data.id, accountId: data.accountid, type: data.type, timestamp: data.time } };
  }
  const { success, data, error } = dispatchEventSchema.safeParse(value);
  return success ? { ok: true, event: data } : { ok: false, problems: toMessageProblems(error.issues, path) };
}

type Issues = NonNullable<ReturnType<typeof dispatchEventSchema.safeParse>['error']>['issues'];

const toMessageProblems = (issues: Issues, path: string): MessageProblem[] =>
  issues.slice(0, MAX_PROBLEMS).map((issue) => ({
    path: `${path}${issue.path.map((part) => `/${String(part)}`).join('')}`,
    problem: issue.code === 'unrecognized_keys' ? 'unknown field' : issue.message,
  }));
