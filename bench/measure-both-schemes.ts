import type { Measurement } from './measurement.js';
import type { Receiver } from './start-receiver.js';
import type { World } from './start-world.js';

export interface SchemeReceiver {
  readonly scheme: 'http' | 'https';
  readonly receiver: Receiver;
}

/** The same measurement at a receiver over http, then at one over https, by the same dispatcher. */
export async function measureBothSchemes(
  world: World,
  measure: (at: SchemeReceiver) => Promise<Measurement>,
): Promise<Record<SchemeReceiver['scheme'], Measurement>> {
  const http = await measure({ scheme: 'http', receiver: world.receiver });
  const receiver = await world.openReceiver({ https: true });
  const https = await measure({ scheme: 'https', receiver });
  await receiver.stop();
  return { http, https };
}
