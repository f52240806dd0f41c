import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asReconciliationRole, runCli, spawnCli } from '../support/cli.js';
import { eventually } from '../support/eventually.js';
import { createScenario } from '../support/scenario.js';
import { type Stack, startStack } from '../support/stack.js';

let stack: Stack;
let folder: string;
beforeAll(async () => {
  // Two attempts 200 ms apart. A third one is made only by a replay.
  stack = await startStack({ RETRY_SCHEDULE: '0,200ms' });
  await stack.processes.startDispatcher();
  folder = await mkdtemp(join(tmpdir(), 'webhookctl-'));
}, 120_000);
afterAll(async () => {
  await stack.close();
  await rm(folder, { recursive: true });
}, 60_000);

const cli = (...args: string[]) => runCli(stack.processes.env, args);
const otherAccount = () => ['--account', randomUUID()];
const because = ['--reason', 'endpoint repaired', '--as', 'support'];

/** Publishes `count` events to a failing endpoint and resolves when their deliveries are dead-lettered. */
async function deadLettered(count = 1) {
  const scenario = createScenario(stack);
  const webhook = await scenario.register(scenario.path('broken'));
  const sent = Array.from({ length: count }, () => scenario.event());
  for (const event of sent) await scenario.publish(event);
  const rows = (await Promise.all(sent.map(({ id }) => scenario.settled(id)))).flat();
  const ids = rows.filter(({ isLatest }) => isLatest).map(({ deliveryId }) => deliveryId);
  return { ...scenario, webhook, sent, ids, id: ids[0]!, account: ['--account', scenario.accountId] };
}

/** A delivery whose first attempt failed and whose next one is an hour away. */
async function waiting() {
  const scenario = createScenario(stack);
  const webhook = await scenario.register(scenario.path('status', '?code=503&retry-after=3600'));
  const sent = scenario.event();
  await scenario.publish(sent);
  const [row] = await scenario.waiting(sent.id);
  return { ...scenario, webhook, sent, id: row!.deliveryId, row: row!, account: ['--account', scenario.accountId] };
}

describe('deliveries list', () => {
  test('lists the deliveries of the account with their status, and no others', async () => {
    const { account, id, sent, webhook } = await deadLettered();
    const { code, objects } = await cli('--json', 'deliveries', 'list', ...account, '--status', 'dead-lettered');
    expect(code).toBe(0);
    expect(objects()).toEqual([
      expect.objectContaining({ deliveryId: id, eventId: sent[0]!.id, webhookId: webhook.id, attempts: 2 }),
    ]);
    const lines = await cli('deliveries', 'list', ...account, '--event', sent[0]!.id, '--since', '1h');
    expect(lines.out).toMatch(new RegExp(`^\\S+ \\S+  ${id}  dead_lettered +2× 500 +message.delivered .*\n$`));
    expect(await cli('deliveries', 'list', ...otherAccount())).toMatchObject({ code: 0, out: '' });
  });

  test.each([
    [['--account', 'x'], 'the account id is not a UUID'],
    [[...otherAccount(), '--status', 'lost'], '--status: one of waiting'],
    [[...otherAccount(), '--since', 'yesterday'], 'not a time'],
    [[...otherAccount(), '--limit', '0'], '--limit: 1 to'],
    [[], 'required option'],
  ])('refuses %j', async (args, message) => {
    const { code, out, err } = await cli('deliveries', 'list', ...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(message);
  });
});

describe('deliveries show', () => {
  test('shows the attempts, and the payload only with --payload', async () => {
    const { account, id } = await deadLettered();
    const { code, out } = await cli('deliveries', 'show', id, ...account);
    expect(code).toBe(0);
    expect(out).toMatch(
      /accepted\n.*attempt 1 dispatch: failed 500 .*ms\n.*attempt 2 retry: failed 500 .*ms\n=> dead_lettered/,
    );
    expect(out).not.toContain('+999');
    const with_ = await cli('--json', 'deliveries', 'show', id, ...account, '--payload');
    expect(with_.objects()[0]).toMatchObject({ status: 'dead_lettered', payload: { data: { to: '+999000000001' } } });
  });

  test('shows only deliveries of the account', async () => {
    const { id } = await deadLettered();
    for (const args of [
      [id, ...otherAccount()],
      [randomUUID(), ...otherAccount()],
    ])
      expect(await cli('deliveries', 'show', ...args)).toMatchObject({
        code: 1,
        out: '',
        err: 'webhookctl: the account has no such delivery\n',
      });
  });
});

describe('replay', () => {
  test('replays a dead-lettered delivery and shows the requester', async () => {
    const { account, id, webhook, settled, sent } = await deadLettered();
    await stack.parts.customer.repair(webhook.path);
    const { code, objects } = await cli('--json', 'replay', id, ...account, ...because);
    expect([code, objects()]).toEqual([0, [expect.objectContaining({ deliveryId: id, kind: 'replaying' })]]);
    await eventually(async () => (await settled(sent[0]!.id)).some(({ outcome }) => outcome === 'delivered'));
    const { out } = await cli('deliveries', 'show', id, ...account);
    expect(out).toMatch(
      /attempt 3 replay: succeeded .*\n +replay 1, requested by support: endpoint repaired\n=> delivered/,
    );
  });

  test('selects by filter, and above ten deliveries is a dry run without --yes', async () => {
    const { account, ids, webhook, rows } = await deadLettered(11);
    await stack.parts.customer.repair(webhook.path);
    const chosen = ['replay', ...account, ...because, '--webhook', webhook.id, '--since', '1h', '--rate', '100/s'];
    const dry = await cli(...chosen);
    expect([dry.code, dry.out]).toEqual([4, '']);
    expect(dry.err).toBe('dry run: 11 deliveries would be replayed; pass --yes to replay them\n');
    expect((await rows()).every(({ cycle }) => cycle === 0)).toBe(true);
    const real = await cli('--json', ...chosen, '--yes');
    expect([real.code, real.objects()]).toMatchObject([0, [{ state: 'completed', started: 11, already: 0 }]]);
    const delivered = async () => (await rows()).filter(({ outcome }) => outcome === 'delivered').length === ids.length;
    expect(await eventually(delivered)).toBe(true);
    expect(await cli(...chosen)).toMatchObject({ code: 0, out: '', err: 'no such deliveries\n' });
  });

  test('is partly done when the account has only some, and failed when it has none', async () => {
    const { account, id } = await deadLettered();
    expect((await cli('replay', id, randomUUID(), ...account, ...because, '--rate', '100')).code).toBe(3);
    expect((await cli('replay', id, ...otherAccount(), ...because)).code).toBe(1);
  });

  test.each([
    [['--reason', 'call +999000000001'], 'looks like a phone number'],
    [['--reason', ''], '--reason: 1 to 200'],
    [['--reason', 'x', '--rate', '0'], '--rate: expected'],
    [['--reason', 'x', '--as', 'a b'], '--as:'],
    [['--reason', 'x', '--since', '1h'], 'name deliveries, or choose them'],
    [[], "required option '--reason"],
  ])('refuses %j', async (args, message) => {
    const { code, err } = await cli('replay', randomUUID(), ...otherAccount(), ...args);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
});

describe('retry', () => {
  test('makes the next attempt of a waiting delivery now', async () => {
    const { account, id, replace, webhook, settled, sent, path } = await waiting();
    await replace(webhook, { url: `${stack.parts.customer.url}${path('ok')}` });
    expect(await cli('retry', id, ...account)).toMatchObject({ code: 0, out: expect.stringContaining('retrying') });
    expect(await settled(sent.id)).toMatchObject([{}, { trigger: 'manual', outcome: 'delivered' }]);
    expect(await cli('retry', id, ...account)).toMatchObject({ code: 4, err: expect.stringContaining('has ended') });
    expect(await cli('retry', id, ...otherAccount())).toMatchObject({
      code: 1,
      err: expect.stringContaining('no such'),
    });
  });
});

describe('cancel', () => {
  test('ends a waiting delivery, once and for its account only', async () => {
    const { account, id, settled, sent } = await waiting();
    expect((await cli('cancel', id, ...otherAccount())).code).toBe(1);
    expect(await cli('cancel', id, ...account)).toMatchObject({ code: 0, out: `${id}: canceled\n` });
    expect(await settled(sent.id)).toMatchObject([{ outcome: 'canceled', outcomeReason: 'canceled_on_request' }]);
    expect((await cli('cancel', id, ...account)).code).toBe(4);
  });
});

describe('tail', () => {
  test('prints attempts as they finish, until it is interrupted', async () => {
    const scenario = createScenario(stack);
    await scenario.register(scenario.path('ok'));
    const interruption = new AbortController();
    const following = runCli(
      stack.processes.env,
      ['--json', 'tail', '--account', scenario.accountId],
      interruption.signal,
    );
    const sent = [scenario.event(), scenario.event()];
    for (const event of sent) await scenario.publish(event);
    for (const { id } of sent) await scenario.settled(id);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    interruption.abort();
    const { code, objects } = await following;
    expect(code).toBe(0);
    expect(
      objects()
        .map(({ eventId }) => eventId)
        .sort(),
    ).toEqual(sent.map(({ id }) => id).sort());
  });
});

describe('emit', () => {
  test('publishes an event that is delivered, and a repeated id once', async () => {
    const scenario = createScenario(stack);
    await scenario.register(scenario.path('ok'));
    const id = `evt_${randomUUID()}`;
    const args = ['--json', 'emit', '--account', scenario.accountId, '--type', 'order.paid', '--id', id];
    expect((await cli(...args)).objects()).toMatchObject([{ eventId: id, duplicate: false }]);
    expect((await cli(...args)).objects()).toMatchObject([{ eventId: id, duplicate: true }]);
    expect(await scenario.settled(id)).toMatchObject([{ outcome: 'delivered' }]);
  });

  test('publishes nothing that would be rejected', async () => {
    const data = join(folder, 'data.json');
    await writeFile(data, '[1]');
    const args = ['emit', ...otherAccount(), '--type', 'Order Paid', '--data', data];
    const { code, err } = await cli(...args);
    expect(code).toBe(2);
    expect(err).toMatch(/type: lower-case letters.*\n.*data: a JSON object/);
  });
});

describe('dead-letters', () => {
  test('are listed, and their deliveries are replayed', async () => {
    const { account, id, webhook, settled, sent } = await deadLettered();
    const listed = await cli('--json', 'dead-letters', 'list', ...account);
    expect(listed.objects()).toMatchObject([{ deliveryId: id, reason: 'retries_exhausted', attempts: 2 }]);
    expect((await cli('dead-letters', 'list', ...account)).out).toContain(`retries_exhausted  2× 500  ${id}`);
    await stack.parts.customer.repair(webhook.path);
    expect((await cli('dead-letters', 'replay', ...account, ...because)).code).toBe(0);
    await eventually(async () => (await settled(sent[0]!.id)).some(({ outcome }) => outcome === 'delivered'));
  });

  test('of an account without deliveries are an empty list', async () => {
    expect(await cli('dead-letters', 'list', ...otherAccount())).toMatchObject({ code: 0, out: '' });
    expect(await cli('dead-letters', 'replay', ...otherAccount(), ...because)).toMatchObject({ code: 0, out: '' });
    expect((await cli('dead-letters', 'list', '--since', '2000-13-45')).code).toBe(2);
  });
});

describe('reconcile', () => {
  const reconcile = (...args: string[]) => cli('--json', 'reconcile', '--grace', '0s', ...args);

  test('of an account with delivered and dead-lettered deliveries finds no difference', async () => {
    const { account, register, path, event, publish, settled } = await deadLettered();
    await register(path('ok'));
    const sent = event();
    await publish(sent);
    await settled(sent.id);
    const { code, objects } = await reconcile(...account);
    expect([code, objects()[0]]).toMatchObject([
      0,
      { accounts: [{ accepted: 3, delivered: 1, dead_lettered: 2, waiting: 0 }], differences: [] },
    ]);
  });

  test('names a delivery whose workflow was terminated, until it is replayed', async () => {
    const { account, id, row, accountId, replace, webhook, path } = await waiting();
    expect((await reconcile(...account)).code).toBe(0);
    await stack.temporal.workflow.getHandle(row.workflowId).terminate('test');
    const { code, objects } = await reconcile(...account);
    const { workflowId } = row;
    expect([code, objects()[0]!['differences']]).toEqual([
      1,
      [{ kind: 'abandoned', accountId, deliveryId: id, workflowId, workflow: 'closed' }],
    ]);
    const printed = await cli('reconcile', '--grace', '0s', ...account);
    expect(printed.out).toContain(
      `✗ delivery ${id} of account ${accountId} waits, but its workflow ${workflowId} has ended`,
    );
    await replace(webhook, { url: `${stack.parts.customer.url}${path('ok')}` });
    expect((await cli('replay', id, ...account, ...because)).code).toBe(0);
    expect(await eventually(async () => (await reconcile(...account)).code === 0)).toBe(true);
  });

  test('names a delivery whose workflow does not exist', async () => {
    const { account, id } = await waiting();
    await stack.admin.query(`UPDATE hook.delivery_attempts SET workflow_id = 'wh-gone' WHERE delivery_id = $1`, [id]);
    expect((await reconcile(...account)).objects()[0]).toMatchObject({ differences: [{ workflow: 'absent' }] });
  });

  test('of all accounts needs a role that can read them', async () => {
    expect(await reconcile()).toMatchObject({ code: 4, err: expect.stringContaining('hook_reconciliation') });
    expect(await cli('serve-reconciliation')).toMatchObject({
      code: 4,
      err: expect.stringContaining('hook_reconciliation'),
    });
    const env = await asReconciliationRole(stack);
    const { objects } = await runCli(env, ['--json', 'reconcile']);
    expect((objects()[0]!['accounts'] as object[]).length).toBeGreaterThan(1);
  });
});

describe('doctor', () => {
  test('finds no problem on a healthy service', async () => {
    // The credentials of the key service come from the environment of the process.
    const { code, objects, err } = await spawnCli(stack.processes.env, ['--json', 'doctor']);
    expect(objects().filter(({ ok }) => ok !== true)).toEqual([]);
    expect([code, err]).toEqual([0, 'all checks passed\n']);
  });

  test('prints the repair of each problem', async () => {
    const { adminUrl } = stack.parts.postgres;
    const wrong = {
      ...stack.processes.env,
      DATABASE_URL: adminUrl,
      NATS_DURABLE: 'absent',
      TEMPORAL_TASK_QUEUE: 'elsewhere',
      KMS_ENDPOINT: 'http://127.0.0.1:1',
    };
    const { code, out, err } = await runCli(wrong, ['doctor']);
    expect(code).toBe(1);
    expect(out).toMatch(/✗ PostgreSQL: the tables do not exist\n +run deploy\/postgres\/roles.sql/);
    expect(out).toMatch(/✗ NATS stream and consumer: .*\n.*webhookctl setup/);
    expect(out).toMatch(/✗ Temporal.*: no worker polls task queue elsewhere \(workflows\)\n +start a dispatcher/);
    expect(out).toMatch(/✗ key service: KmsUnavailable.*\n +check KMS_KEY_ID/);
    expect(err).toBe('4 of 4 checks failed\n');
    expect(out).not.toContain(new URL(adminUrl).password || 'no password');
  });
});

describe('setup', () => {
  test('may be run again', async () => {
    expect(await cli('setup')).toMatchObject({ code: 0, out: expect.stringContaining('none were missing') });
  });
});

describe('sign and verify', () => {
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  const offline = (args: string[], input = '') => spawnCli({ NODE_ENV: 'test' }, args, input);
  const body = () => join(folder, 'body.json');
  beforeAll(() => writeFile(body(), '{"n":1}'));

  test('agree with each other, with the secret from standard input', async () => {
    const id = ['--id', 'evt_1', '--timestamp', '1795428900', '--body', body(), '--secret-file', '-'];
    const signed = await offline(['--json', 'sign', ...id], `${secret}\n`);
    const signature = String(signed.objects()[0]!['webhook-signature']);
    const good = await offline(['verify', ...id, '--signature', `v1,AAAA ${signature}`], secret);
    expect([good.code, good.out]).toEqual([0, '✓ the signature is valid\n']);
    const bad = await offline(['--json', 'verify', ...id, '--signature', signature], secret.replace('B', 'C'));
    expect([bad.code, bad.objects()]).toEqual([1, [{ valid: false, reason: 'signature_differs' }]]);
    const late = await offline(['verify', ...id, '--signature', signature, '--tolerance', '5m'], secret);
    expect([late.code, late.out]).toMatchObject([1, expect.stringContaining('--tolerance')]);
    for (const run of [signed, good, bad, late]) expect(run.out + run.err).not.toContain(secret.slice(6));
  });

  test('refuse an invalid secret, a missing file and an invalid id', async () => {
    const args = ['--body', body(), '--secret-file', '-'];
    expect(await offline(['sign', ...args, '--id', 'evt_1'], 'short')).toMatchObject({ code: 2 });
    expect(await offline(['sign', ...args, '--id', 'evt.1'], secret)).toMatchObject({ code: 2 });
    const absent = ['--body', join(folder, 'none'), '--secret-file', '-', '--id', 'evt_1'];
    expect(await offline(['sign', ...absent], secret)).toMatchObject({
      code: 2,
      err: expect.stringContaining('ENOENT'),
    });
  });
});

describe('as a process of its own', () => {
  test('ends with 78 and lists the invalid variables', async () => {
    const { code, err } = await spawnCli({ NODE_ENV: 'test', DATABASE_URL: 'mysql://u:canary@h/d' }, [
      'deliveries',
      'list',
      ...otherAccount(),
    ]);
    expect(code).toBe(78);
    expect(err).toContain('DATABASE_URL is not a postgres URL');
    expect(err).not.toContain('canary');
  });

  test('writes plain lines into a pipe, and results only to standard output', async () => {
    const { account } = await deadLettered();
    const { code, out, err } = await spawnCli(stack.processes.env, ['deliveries', 'list', ...account]);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^[^\u001b]*dead_lettered[^\u001b]*\n$/);
  });

  test('refuses unknown commands and prints its help', async () => {
    expect(await spawnCli({}, ['delete-everything'])).toMatchObject({ code: 2, out: '' });
    expect(await spawnCli({}, ['--help'])).toMatchObject({
      code: 0,
      err: '',
      out: expect.stringContaining('Exit codes'),
    });
  });
});
