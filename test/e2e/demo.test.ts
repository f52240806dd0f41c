import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../local/process/package-root.js';
import { runDemo, type DemoRun } from '../support/demo-run.js';

const minutes = 60_000;
const nothing = { files: [], processes: [] };
let run: DemoRun | undefined;
let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'demo-events-'));
});
afterEach(async () => {
  await run?.clean();
  await rm(folder, { recursive: true });
});

test(
  'runs the story once, compares all counts, and leaves nothing behind',
  async () => {
    run = await runDemo('--once');
    expect(await run.ended).toBe(0);
    const output = run.output();
    expect(output.match(/^\d\. /gm)).toEqual(['1. ', '2. ', '3. ', '4. ', '5. ', '6. ', '7. ']);
    expect(output).toMatch(/evt_8a41c0 → \/hooks\/ok\/analytics +attempt 1 {2}204 {2}signature ✓ {2}delivered$/m);
    expect(output).toMatch(/\/hooks\/flaky\/inbox +attempt 2 {2}500 {2}signature ✓ {2}next attempt in \d\.\d s$/m);
    expect(output).toMatch(/\/hooks\/broken\/alerts +attempt 4 {2}500 {2}signature ✓ {2}given up: dead letter$/m);
    expect(output).toMatch(/workflow in Temporal: Failed, “1 of 2 deliveries dead-lettered”\n +http:\S+-evt_8a41c2$/m);
    expect(output).toMatch(
      /POST \/v1\/webhooks\/\S+\/recover → 202 task \S+, 1 delivery per second\n +█{10}░{10} 1 of 2\n/,
    );
    expect(output).toMatch(/█{20} 2 of 2\n +task completed: 2 of 2 replayed$/m);
    expect(output).toMatch(/\/hooks\/broken\/alerts +attempt 5 {2}200 {2}signature ✓ {2}delivered$/m);
    expect(output).toMatch(/signatures verified +19 +19 {2}✓ {2}the customer\n +Every number is as published\.$/m);
    expect(output).not.toMatch(/whsec_\w|\u001b|✗/);
    expect(await run.leftovers()).toEqual(nothing);
  },
  2 * minutes,
);

test(
  'fails and names the difference when an event reaches no webhook',
  async () => {
    const events = join(folder, 'events.jsonl');
    const event = { id: 'evt_lost', type: 'order.paid', timestamp: '2026-11-23T10:00:00Z', data: {} };
    await writeFile(events, JSON.stringify(event));
    run = await runDemo('--once', '--events', events);
    expect(await run.ended).toBe(1);
    expect(run.output()).toContain('✗ events that reached a webhook: expected 1, seen 0 (missing: evt_lost)');
    expect(run.output()).not.toContain('Every number is as published');
    const { files, processes } = await run.leftovers();
    expect(processes).toEqual([]);
    expect(files).toEqual([expect.stringMatching(/^webhook-dispatcher-demo-/)]);
    expect(run.output()).toContain('The log of our processes was kept: ');
  },
  2 * minutes,
);

test(
  'stays up without --once: the suggested commands work, and Ctrl-C ends everything',
  async () => {
    run = await runDemo();
    const [, token] = await run.saying(/TOKEN=(\S+)/);
    const [, url] = await run.saying(/\$TOKEN" (http\S+)/);
    const [, script = '', ...publish] = await run.saying(/node (\S+) (nats:\S+) (\S+) (message.read)/);
    const answer = await fetch(url ?? '', { headers: { authorization: `Bearer ${token}` } });
    const { data } = (await answer.json()) as { data: object[] };
    expect(data).toMatchObject([
      { status: 'delivered', cycle: 1 },
      { status: 'delivered', attemptCount: 5 },
    ]);
    const { stdout } = await promisify(execFile)(process.execPath, [script, ...publish], { cwd: packageRoot() });
    const [, id] = /published (evt_\w+)/.exec(stdout) ?? [];
    await run.saying(new RegExp(`${id} → /hooks/flaky/inbox +attempt 3 +200 .* delivered`));
    run.interrupt();
    expect(await run.ended).toBe(0);
    expect(await run.leftovers()).toEqual(nothing);
  },
  3 * minutes,
);

test(
  'ends everything when interrupted while it starts',
  async () => {
    run = await runDemo();
    await run.saying(/NATS answers/);
    run.interrupt();
    expect(await run.ended).toBe(130);
    expect(run.output()).not.toContain('2. ');
    expect(await run.leftovers()).toEqual(nothing);
  },
  minutes,
);
