/** The fields of an event that the demo reads. Other fields are published unchanged. */
export interface DemoEvent {
  readonly id: string;
  readonly type: string;
  readonly accountId: string;
  readonly data?: { readonly to?: unknown };
}

/** One message on NATS: a single event, or a batch. */
export interface DemoMessage {
  readonly batch: boolean;
  readonly events: readonly DemoEvent[];
  /** The JSON text to publish. */
  readonly text: string;
}

/**
 * Reads one message per line; an array is a batch. Replaces the account of each event by the account of this run, so that an
 * external server does not treat the events of a second run as duplicates.
 * @throws Error naming the invalid line.
 */
export function readMessages(file: string, accountId: string): DemoMessage[] {
  const lines = file.split('\n').map((text, index) => ({ text: text.trim(), number: index + 1 }));
  return lines
    .filter(({ text }) => text !== '')
    .map(({ text, number }) => {
      const value = parse(text, number);
      const batch = Array.isArray(value);
      const events = (batch ? (value as unknown[]) : [value]).map((event) => toEvent(event, accountId, number));
      return { batch, events, text: JSON.stringify(batch ? events : events[0]) };
    });
}

function parse(text: string, line: number): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Error(`line ${line} of the events is not JSON`);
  }
}

function toEvent(value: unknown, accountId: string, line: number): DemoEvent {
  const event = (value ?? {}) as Partial<DemoEvent>;
  if (typeof event.id !== 'string' || typeof event.type !== 'string')
    throw new Error(`line ${line} of the events has no id or no type`);
  return { ...event, id: event.id, type: event.type, accountId };
}
