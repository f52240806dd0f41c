import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { startTemporal, type Temporal } from '../../../local/start-temporal.js';

describe('startTemporal', () => {
  let dir: string;
  let temporal: Temporal;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'local-temporal-'));
    temporal = await startTemporal({ dir, env: process.env, log: () => undefined });
  });
  afterAll(async () => {
    await temporal.stop();
    await rm(dir, { recursive: true });
  });

  test('serves its UI', async () => {
    const answer = await fetch(temporal.uiUrl!);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('<html');
  });

  test('keeps workflows through a stop and a crash, on the same port', async () => {
    const first = await Connection.connect({ address: temporal.address });
    await new Client({ connection: first }).workflow.start('waiting', { taskQueue: 'none', workflowId: 'kept' });
    await first.close();
    await temporal.restart();
    await temporal.kill();
    await temporal.restart();
    const second = await Connection.connect({ address: temporal.address });
    const { status } = await new Client({ connection: second }).workflow.getHandle('kept').describe();
    expect(status.name).toBe('RUNNING');
    await second.close();
  });
});
