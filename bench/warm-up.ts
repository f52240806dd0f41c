import { newGroup, singleEvents } from './bench.js';
import { measureLoad } from './measure-load.js';
import { openAccount } from './open-account.js';
import { publishBurst, spread, toDispatch } from './publish.js';
import type { World } from './start-world.js';

/** What is measured afterwards is compiled code, planned statements and open connections. */
export async function warmUp(world: World): Promise<void> {
  await singleEvents(world, { title: 'warm-up', events: 150 });
  const { accountId, group } = await openAccount(world, { group: newGroup() });
  const messages = spread([{ accountId }], 20, 50);
  const publish = () => publishBurst(toDispatch(world.nats), messages);
  await measureLoad(world, { title: 'warm-up', group, expected: 1_000, publish });
  // As autovacuum does in the first minutes of a week: until then PostgreSQL plans for an empty table.
  await world.admin.query('ANALYZE hook.delivery_attempts');
}
