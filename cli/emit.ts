import { type DispatchEvent, dispatchEventSchema, MAX_EVENT_BYTES } from '../contracts/bus/dispatch-message.js';
import { CommandError } from './command-error.js';
import { EXIT } from './exit-codes.js';
import type { Output } from './output.js';
import { parseId } from './parse-id.js';

export interface EmitOptions {
  readonly account: string;
  readonly type: string;
  /** Event id; a new one if absent. */
  readonly id?: string | undefined;
  /** Path of a file with the event's data as JSON, `-` for standard input; a small object if absent. */
  readonly data?: string | undefined;
}

export interface EmitDeps {
  readonly readInput: (path: string) => Promise<Buffer>;
  readonly now: () => number;
  /** Resolves when the stream has stored the message. `duplicate`: the id was seen within the stream's duplicate window. */
  readonly publish: (
    message: string,
    messageId: string,
  ) => Promise<{ stream: string; seq: number; duplicate: boolean }>;
}

/** `emit`: publishes one event as a platform service does, after the checks that the bridge makes. */
export async function emit(deps: EmitDeps, options: EmitOptions, output: Output): Promise<number> {
  const event = {
    id: options.id ?? `evt_${crypto.randomUUID().replaceAll('-', '').slice(0, 12)}`,
    accountId: parseId('account', options.account),
    type: options.type,
    timestamp: new Date(deps.now()).toISOString(),
    data: options.data === undefined ? { test: true } : await readData(deps, options.data),
  };
  const message = serializeEvent(event);
  const { stream, seq, duplicate } = await deps.publish(message, event.id);
  const { id: eventId, accountId, type } = event;
  output.writeResult(
    { eventId, accountId, type, stream, sequence: seq, duplicate },
    `published ${eventId} ${type} (message ${seq} of stream ${stream}${duplicate ? ', a duplicate: the stream had it' : ''})`,
  );
  return EXIT.ok;
}

async function readData({ readInput }: EmitDeps, path: string): Promise<unknown> {
  const text = (await readInput(path)).toString('utf8');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new CommandError('the data is not JSON', EXIT.usage);
  }
}

/**
 * Checks the event as the bridge does and returns the message.
 * @throws CommandError naming each broken rule and its field.
 */
function serializeEvent(event: Omit<DispatchEvent, 'data'> & { data: unknown }): string {
  const parsed = dispatchEventSchema.safeParse(event);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new CommandError(`the event would be rejected:\n  ${problems.join('\n  ')}`, EXIT.usage);
  }
  const message = JSON.stringify(event);
  if (Buffer.byteLength(message) > MAX_EVENT_BYTES)
    throw new CommandError(`the event would be rejected: larger than ${MAX_EVENT_BYTES} bytes`, EXIT.usage);
  return message;
}
