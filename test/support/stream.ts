import { eventually } from './eventually.js';
import type { Stack } from './stack.js';

/** A message whose acknowledgement got lost comes again after half a minute. */
const PATIENCE_MS = 45_000;

/** Resolves once the dispatchers have taken every message off the work queue: acknowledged or terminated. */
export async function drained({ nats }: Stack, withinMs = PATIENCE_MS): Promise<void> {
  const manager = await nats.jetstreamManager();
  await eventually(async () => (await manager.streams.info('WEBHOOKS')).state.messages === 0, withinMs);
}
