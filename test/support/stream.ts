import { eventually } from './eventually.js';
import type { Stack } from './stack.js';

/** Resolves once the dispatchers have taken every message off the work queue: acknowledged or terminated. */
export async function drained({ nats }: Stack, withinMs?: number): Promise<void> {
  const manager = await nats.jetstreamManager();
  await eventually(async () => (await manager.streams.info('WEBHOOKS')).state.messages === 0, withinMs);
}
