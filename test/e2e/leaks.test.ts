import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { headers } from 'nats';
import type { ServiceProcess } from '../../local/own-processes.js';
import { canarySecret } from '../support/canary.js';
import { driveCanaries, type Driven } from '../support/canary-drive.js';
import { formsOf, scan } from '../support/leak-scan.js';
import { unexpectedInHistories } from '../support/leak-scan-histories.js';
import { collectSinks } from '../support/leak-scan-sinks.js';
import { answer, startReceiver } from '../support/receiver.js';
import { type Stack, startStack } from '../support/stack.js';

let stack: Stack;
let dispatcher: ServiceProcess;
let driven: Driven;
beforeAll(async () => {
  stack = await startStack({ RETRY_SCHEDULE: '0,100ms', LOG_LEVEL: 'debug' });
  dispatcher = await stack.processes.startDispatcher();
  driven = await driveCanaries(stack, dispatcher);
}, 240_000);
afterAll(() => stack.close());

const sinks = () => collectSinks({ stack, processes: [stack.api, dispatcher], answers: driven.answers });

test('LEAK-01 no secret and no phone number is in any log, history, dead letter, metric, table or answer', async () => {
  const all = await sinks();
  const empty = all.filter(({ name, text }) => text === '' && !/^(service|kms|nats|temporal)\//.test(name));
  expect(empty).toEqual([]);
  expect(all.filter(({ name }) => name.startsWith('history')).length).toBeGreaterThan(4);
  expect(scan(all, driven.canaries)).toEqual([]);
});

test('LEAK-03 each secret is in the one answer that created its webhook, and the phone number in the payload', () => {
  const secrets = Object.keys(driven.canaries).filter(
    (name) => name.startsWith('secret of') && !name.includes('bytes'),
  );
  expect(secrets).toHaveLength(driven.created.length);
  for (const name of secrets) {
    const answersOf = driven.created.flatMap(({ secret, ...rest }, n) => [
      { name: `secret ${String(n)}`, text: String(secret) },
      { name: `rest ${String(n)}`, text: JSON.stringify(rest) },
    ]);
    const found = new Set(scan(answersOf, { [name]: driven.canaries[name]! }).map(({ sink }) => sink));
    expect([...found]).toEqual([expect.stringMatching(/^secret \d+$/)]);
  }
  const payloads = [{ name: 'payload', text: JSON.stringify(driven.payloads) }];
  expect(scan(payloads, driven.canaries).map(({ canary }) => canary)).toContain('phone');
});

test('LEAK-04 histories hold ids, codes, times and numbers under known names, and nothing else', async () => {
  expect(await unexpectedInHistories(stack)).toEqual([]);
});

describe('the scanner', () => {
  test('finds one leak put into each sink', async () => {
    const { text: leaked, canaries } = canarySecret('leaked');
    const receiver = await startReceiver(answer({ body: leaked }));
    stack.logLines.push(JSON.stringify({ level: 'info', leaked }));
    driven.answers.push(`200\n${JSON.stringify({ leaked })}`);
    for (const folder of ['service', 'nats', 'temporal', 'kms'])
      appendFileSync(join(stack.parts.dir, folder, 'leak.log'), `leaked ${encodeURIComponent(leaked)}\n`);
    // PostgreSQL logs a refused statement itself.
    await stack.admin.query(`SELECT '${leaked}'::uuid`).catch(() => undefined);
    await stack.admin.query(`UPDATE hook.webhook_configs SET description = '${leaked}'`);
    const header = headers();
    header.set('origin', leaked);
    await stack.nats.jetstream().publish('webhook.dispatch.deadletter', '{}', { headers: header });
    await stack.temporal.workflow.start('nobody', { workflowId: 'leak', taskQueue: 'nobody', args: [{ leaked }] });
    const processes = [stack.api, dispatcher, { internalUrl: receiver.url }];
    const all = await collectSinks({ stack, processes, answers: driven.answers });
    await receiver.close();
    const found = new Set(scan(all, canaries).map(({ sink }) => sink));
    expect([...found].sort()).toEqual(
      [
        ...['standard output', 'API answers', 'tables', 'dead letters', 'history of leak', 'Temporal database'],
        ...['internal listener 2', 'postgres/postgres.log'],
        ...['service', 'nats', 'temporal', 'kms'].map((folder) => `${folder}/leak.log`),
      ].sort(),
    );
    expect(await unexpectedInHistories(stack)).toEqual(['leaked', `leaked = ${leaked}`]);
  });

  test.each([...formsOf(canarySecret('').canaries['']!).keys()])('finds a secret %s', (form) => {
    const { canaries } = canarySecret('secret');
    const hidden = formsOf(canaries['secret']!).get(form) ?? '';
    const found = scan([{ name: 'a sink', text: `{"level":"info","x":"${hidden}"}` }], canaries);
    expect(found.map((leak) => leak.form)).toContain(form);
  });

  test.each([0, 1, 2])('finds a secret inside of a longer text in base64, %i bytes behind a multiple of three', (n) => {
    const { text, canaries } = canarySecret('secret');
    const hidden = Buffer.from(`${'x'.repeat(n)}{"secret":"${text}"}`).toString('base64');
    expect(scan([{ name: 'a payload', text: hidden }], canaries)).not.toEqual([]);
  });
});
