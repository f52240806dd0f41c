import { type DispatchEvent, dispatchEventSchema, MAX_EVENT_BYTES } from '../contracts/bus/dispatch-message.js';
import { CommandError } from './command-error.js';
import { EXIT } from './exit-codes.js';
import type { Output } from './output.js';
import { parseId } from './parse-id.js';

export interface EmitOptions {
  readonly account: string;
  readonly type: string;
  /** A new one if absent. */
  readonly id?: string | undefined;
  /** Path of a file with the event's data as JSON, `-` for standard input; a small object if absent. */
  readonly data?: string | undefined;
}

export interface EmitDeps {
  readonly readInput: (path: string) => Promise<Buffer>;
  readonly now: () => number;
  /** Resolves when the stream has the message. A repeated id inside the stream's window is told as a duplicate. */
  readonly publish: (
    message: string,
    messageId: string,
  ) => Promise<{ stream: string; seq: number; duplicate: boolean }>;
}

/** `emit`: publishes one event as a platform service would, after the same checks that the bridge makes. */
export async function emit(deps: EmitDeps, options: EmitOptions, output: Output): Promise<number> {
  const event = {
    id: options.id ?? `evt_${crypto.randomUUID().replaceAll('-', '').slice(0, 12)}`,
    accountId: parseId('account', options.account),
    type: options.type,
    timestamp: new Date(deps.now()).toISOString(),
    data: options.data === undefined ? { test: true } : await dataOf(deps, options.data),
  };
  const message = checked(event);
  const { stream, seq, duplicate } = await deps.publish(message, event.id);
  const { id: eventId, accountId, type } = event;
  output.writeResult(
    { eventId, accountId, type, stream, sequence: seq, duplicate },
    `published ${eventId} ${type} (message ${seq} of stream ${stream}${duplicate ? ', a duplicate: the stream had it' : ''})`,
  );
  return EXIT.ok;
}

async function dataOf({ readInput }: EmitDeps, path: string): Promise<unknown> {
  const text = (await readInput(path)).toString('utf8');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new CommandError('the data is not JSON', EXIT.usage);
  }
}

/** Says which rule was broken where, as the dead letter would. @throws CommandError */
function checked(event: Omit<DispatchEvent, 'data'> & { data: unknown }): string {
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
