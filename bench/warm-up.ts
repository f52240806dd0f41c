import { randomUUID } from 'node:crypto';
import { fillAttempts } from './fill-attempts.js';
import { newGroup, singleEvents } from './bench.js';
import { measureLoad } from './measure-load.js';
import { openAccount } from './open-account.js';
import { publishBurst, spread, toDispatch } from './publish.js';
import type { World } from './start-world.js';

const ROWS = 100_000;

/** Compiles the code, plans the statements and opens the connections, so that the measurements do not include that. */
export async function warmUp(world: World): Promise<void> {
  // A week that has begun, with statistics, as it is but for its first minutes: for an empty table PostgreSQL plans otherwise.
  const stranger = { accountId: randomUUID(), webhookId: randomUUID() };
  await fillAttempts(world, { rows: ROWS, thisWeek: true, ...stranger });
  await singleEvents(world, { title: 'warm-up', events: 150 });
  const { accountId, group } = await openAccount(world, { group: newGroup() });
  const messages = spread([{ accountId }], 20, 50);
  const publish = () => publishBurst(toDispatch(world.nats), messages);
  await measureLoad(world, { title: 'warm-up', group, expected: 1_000, publish });
}
