import { maintainPartitions } from '../../db/maintenance/attempt-partitions.js';
import { createPool } from '../../db/client.js';
import { type Bench, newGroup } from '../bench.js';
import { fillAttempts } from '../fill-attempts.js';
import { measureLoad } from '../measure-load.js';
import { type Account, openAccount } from '../open-account.js';
import type { Outcome } from '../outcome.js';
import { percentile } from '../percentile.js';
import { publishBurst, spread, toDispatch } from '../publish.js';
import type { World } from '../start-world.js';

const PAGES = 200;

/** Months of stored attempts must not be felt, neither by deliveries nor by who lists them, and must go at once. */
export async function stored({ world, sizes }: Bench): Promise<Outcome> {
  const rows = sizes('stored.rows');
  const events = sizes('stored.events');
  const account = await openAccount(world, { group: newGroup() });
  await measure(world, account, { title: 'warm-up', events });
  await listP95(world, account);
  const before = await measure(world, account, { title: 'nothing else stored', events });
  const listBefore = await listP95(world, account);
  world.log(`writing ${rows} attempts`);
  await fillAttempts(world, { rows, accountId: account.accountId, webhookId: account.webhookIds[0] ?? '' });
  const after = await measure(world, account, { title: `${rows} attempts stored`, events });
  const listAfter = await listP95(world, account);
  const { dropped, kept } = await retain(world);
  const slowest = Math.max(...dropped.map(({ durationMs }) => durationMs)) / 1_000;
  return {
    scenario: 'stored',
    measurements: [before, after],
    claims: [
      { what: 'rate beside nothing stored', value: after.perSecond / before.perSecond, target: 0.95, good: 'above' },
      {
        what: 'p95 of listing deliveries beside nothing stored',
        value: listAfter / listBefore,
        target: 1.5,
        good: 'below',
      },
      { what: 'seconds to drop a week, the slowest', value: slowest, target: 1, good: 'below' },
    ],
    faults: dropped.length === 8 && kept.length === 0 ? [] : [`of 8 old weeks ${dropped.length} were dropped`],
    notes: [
      `a page of deliveries: p95 ${listBefore.toFixed(1)} → ${listAfter.toFixed(1)} ms`,
      `${dropped.length} weeks of ${Math.round((dropped[0]?.bytes ?? 0) / 2 ** 20)} MiB dropped`,
    ],
  };
}

function measure(world: World, { accountId, group }: Account, { title, events }: { title: string; events: number }) {
  const publish = () => publishBurst(toDispatch(world.nats), spread([{ accountId }], events));
  return measureLoad(world, { title, group, expected: events, publish });
}

async function listP95({ api }: World, { accountId, webhookIds }: Account): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < PAGES; n += 1) {
    const started = performance.now();
    const url = `${api.url}/v1/webhooks/${webhookIds[0] ?? ''}/deliveries?limit=50`;
    const answer = await fetch(url, { headers: { 'x-account-id': accountId } });
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`listing answered ${answer.status}`);
    times.push(performance.now() - started);
  }
  return percentile(times, 95);
}

/** As `npm run partitions -- --retention 21` does it. */
async function retain({ database }: World) {
  const owner = createPool(
    { url: database.migrateUrl, tls: false, poolMax: 1, applicationName: 'bench', purpose: 'maintenance' },
    () => undefined,
  );
  try {
    const plan = { weeksAhead: 8, retentionDays: 21, dryRun: false, force: false };
    return await maintainPartitions(owner, { ...plan, nowMs: Date.now() });
  } finally {
    await owner.end();
  }
}
