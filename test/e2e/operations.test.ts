import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { ServiceProcess } from '../../local/own-processes.js';
import { freePort } from '../../local/process/free-port.js';
import { packageRoot } from '../../local/process/package-root.js';
import { asReconciliationRole, runCli } from '../support/cli.js';
import { eventually } from '../support/eventually.js';
import { readMetric } from '../support/metrics.js';
import { createScenario } from '../support/scenario.js';
import { type Stack, startStack } from '../support/stack.js';

const read = (...path: string[]) => readFileSync(join(packageRoot(), ...path), 'utf8');

let stack: Stack;
let dispatcher: ServiceProcess;
let world: Awaited<ReturnType<typeof makeWorld>>;
const startTime = new Date(Date.now() - 60_000).toISOString();
beforeAll(async () => {
  stack = await startStack({ RETRY_SCHEDULE: '0,200ms' });
  dispatcher = await stack.processes.startDispatcher();
  world = await makeWorld();
}, 180_000);
afterAll(() => stack.close(), 60_000);

/** Publishes a message of every kind that the searches find, for one account. */
async function makeWorld() {
  const scenario = createScenario(stack);
  const { accountId, register, path, event, publish, settled, waiting, retry } = scenario;
  const [failed, waits, ended, done] = ['order.failed', 'order.waits', 'order.ended', 'order.done'].map((type) =>
    event({ type }),
  ) as [ReturnType<typeof event>, ReturnType<typeof event>, ReturnType<typeof event>, ReturnType<typeof event>];
  const hour = '?code=503&retry-after=3600';
  await register(path('broken'), { eventTypes: [failed.type] });
  const webhook = await register(path('status', hour), { eventTypes: [waits.type, ended.type] });
  const off = await register(path('ok', '?off'), { eventTypes: [done.type] });
  await register(path('ok'), { eventTypes: [done.type] });
  await scenario.replace(off, { status: 'disabled' });
  for (const each of [failed, waits, ended, done]) await publish(each);
  const [gone] = await settled(failed.id);
  await settled(done.id);
  for (const each of [waits, ended]) await waiting(each.id);
  const workflowOf = ({ id }: { id: string }) => `wh-${accountId}-${id}`;
  await stack.temporal.workflow.getHandle(workflowOf(ended)).cancel();
  await settled(ended.id);
  await retry(gone!.deliveryId);
  await eventually(async () => (await settled(failed.id)).length === 4);
  return { accountId, webhookId: webhook.id, deliveryId: gone!.deliveryId, failed, waits, ended, done, workflowOf };
}

const pageOf = async (url: string) => (await fetch(`${url}/metrics`)).text();
const namesIn = (page: string) => [...page.matchAll(/^# TYPE (\S+) (\S+)$/gm)];

/** Names of all series of a metrics page, histograms by the names used in queries. */
const seriesOf = (page: string): string[] =>
  namesIn(page).flatMap(([, name = '', type]) =>
    type === 'histogram' ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [name],
  );

/** PromQL keywords without parenthesis that are not labels. */
const askedIn = (expression: string): string[] =>
  [...expression.replace(/\{[^}]*\}|\[[^\]]*\]|\bby \([^)]*\)/g, '').matchAll(/[a-z][a-z0-9_]{2,}(?![a-z0-9_(]| *\()/g)]
    .map(([name]) => name)
    .filter((name) => !['and', 'unless', 'offset'].includes(name));

/** The SDK exports a counter only after its first increase. This one stays zero without failures. */
const SHOWN_LATER = ['temporal_workflow_task_execution_failed_total'];

describe('metrics', () => {
  test('count a delivery from its acceptance to its outcome', async () => {
    const page = await pageOf(dispatcher.internalUrl);
    const value = (series: string) => readMetric(dispatcher, series);
    expect(await value('dispatcher_deliveries_accepted_total')).toBe(5);
    const ended = (outcome: string) => value(`dispatcher_deliveries_ended_total{outcome="${outcome}"}`);
    expect(await Promise.all(['delivered', 'dead_lettered', 'canceled', 'skipped_disabled'].map(ended))).toEqual([
      1, 2, 1, 1,
    ]);
    // Four deliveries were attempted; the skipped one was not.
    expect(await value('dispatcher_first_attempt_delay_seconds_count')).toBe(4);
    expect(await value('dispatcher_first_attempt_delay_seconds_sum')).toBeLessThan(4 * 60);
    for (const step of ['record', 'start']) {
      expect(await value(`dispatcher_step_duration_seconds_count{step="${step}"}`)).toBeGreaterThan(0);
      expect(await value(`dispatcher_step_duration_seconds_sum{step="${step}"}`)).toBeGreaterThan(0);
    }
    expect(await value('dispatcher_stream_pending_messages')).toBe(0);
    expect(await value('dispatcher_slow_lane_permits')).toBe(6);
    expect(page).toMatch(/kms_request_duration_seconds_count\{operation="unwrap",result="ok"\} [1-9]/);
    expect(page).toMatch(/temporal_workflow_task_schedule_to_start_latency_seconds_bucket/);
  });

  test('hold no id of an account, webhook, event or delivery', async () => {
    const pages = await Promise.all([dispatcher.internalUrl, stack.api.internalUrl].map(pageOf));
    const { accountId, webhookId, deliveryId, failed } = world;
    for (const id of [accountId, webhookId, deliveryId, failed.id, failed.type])
      for (const page of pages) expect(page).not.toContain(id);
  });

  test('contain every series that dashboard and alert rules query', async () => {
    const port = await freePort();
    const stop = new AbortController();
    const env = { ...(await asReconciliationRole(stack)), INTERNAL_PORT: String(port) };
    const serving = runCli(env, ['serve-reconciliation', '--every', '1s'], stop.signal);
    const url = `http://127.0.0.1:${port}`;
    const reconciliation = await eventually(async () => {
      const page = await pageOf(url).catch(() => '');
      return page.includes('\nreconciliation_differences{kind="abandoned"} 0\n') && page;
    });
    stop.abort();
    expect((await serving).code).toBe(0);
    expect(reconciliation).toMatch(/^reconciliation_deliveries\{state="accepted"\} 5$/m);
    expect(reconciliation).toMatch(/^reconciliation_deliveries\{state="waiting"\} 1$/m);
    const pages = [reconciliation, ...(await Promise.all([dispatcher.internalUrl, stack.api.internalUrl].map(pageOf)))];
    const exported = new Set([...pages.flatMap(seriesOf), ...SHOWN_LATER]);
    const rules = parse(read('deploy', 'prometheus', 'alerts.yml')) as { groups: { rules: { expr: string }[] }[] };
    const dashboard = JSON.parse(read('deploy', 'grafana', 'webhook-dispatcher.json')) as {
      panels: { targets: { expr: string }[] }[];
    };
    const queried = [
      ...rules.groups.flatMap((group) => group.rules.map(({ expr }) => expr)),
      ...dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
    ].flatMap(askedIn);
    expect(queried.length).toBeGreaterThan(40);
    expect([...new Set(queried)].filter((name) => !exported.has(name))).toEqual([]);
  });
});

describe('the searches that docs/operations.md shows', () => {
  const section = read('docs', 'operations.md').split('## Ten searches')[1]?.split('\n## ')[0] ?? '';
  const searches = [...section.matchAll(/^\d+\. (.+?): `(.+)`$/gm)].map(([, what = '', query = '']) => [what, query]);

  test('are ten', () => {
    expect(searches).toHaveLength(10);
  });

  test.each(searches)('%s', async (_what, query) => {
    const { accountId, webhookId, deliveryId, failed, waits, ended, done, workflowOf } = world;
    const replayed = `wh-${accountId}-${deliveryId}-r1`;
    const expected: Record<string, string[]> = {
      'AccountId = "<account>"': [...[failed, waits, ended, done].map(workflowOf), replayed],
      'AccountId = "<account>" AND ExecutionStatus = "Failed"': [workflowOf(failed), replayed],
      'ExecutionStatus = "Failed" AND CloseTime > "<time>"': [workflowOf(failed), replayed],
      'AccountId = "<account>" AND ExecutionStatus = "Running"': [workflowOf(waits)],
      'WebhookIds = "<webhook>"': [workflowOf(waits), workflowOf(ended)],
      'WebhookIds = "<webhook>" AND ExecutionStatus = "Running"': [workflowOf(waits)],
      'WorkflowId = "wh-<account>-<event>"': [workflowOf(failed)],
      'WorkflowId STARTS_WITH "wh-<account>-<delivery>-r"': [replayed],
      'AccountId = "<account>" AND EventTypes = "<type>"': [workflowOf(failed), replayed],
      'ExecutionStatus IN ("Terminated", "Canceled") AND CloseTime > "<time>"': [workflowOf(ended)],
    };
    const ids = { account: accountId, webhook: webhookId, delivery: deliveryId, event: failed.id, type: failed.type };
    const filled = Object.entries({ ...ids, time: startTime }).reduce(
      (text, [name, value]) => text.replaceAll(`<${name}>`, value),
      query,
    );
    const found = async () => {
      const workflowIds: string[] = [];
      for await (const { workflowId } of stack.temporal.workflow.list({ query: filled })) workflowIds.push(workflowId);
      return workflowIds.sort();
    };
    const wanted = [...(expected[query] ?? ['a query that this test does not know'])].sort();
    await eventually(async () => (await found()).length === wanted.length).catch(() => undefined);
    expect(await found()).toEqual(wanted);
  });
});
