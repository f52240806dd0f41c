import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, StorageType } from 'nats';
import { startNats, type Nats } from '../../../local/start-nats.js';

describe('startNats', () => {
  let dir: string;
  let nats: Nats;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'local-nats-'));
    nats = await startNats({ dir, env: process.env, log: () => undefined });
  });
  afterAll(async () => {
    await nats.stop();
    await rm(dir, { recursive: true });
  });

  test('keeps streams and messages through a stop and a crash, on the same port', async () => {
    const first = await connect({ servers: nats.url });
    const manager = await first.jetstreamManager();
    await manager.streams.add({ name: 'KEPT', subjects: ['kept'], storage: StorageType.File });
    await first.jetstream().publish('kept', 'one');
    await first.close();
    await nats.stop();
    await expect(connect({ servers: nats.url, reconnect: false })).rejects.toMatchObject({
      code: 'CONNECTION_REFUSED',
    });
    await nats.restart();
    await nats.kill();
    await nats.restart();
    const second = await connect({ servers: nats.url });
    const { state } = await (await second.jetstreamManager()).streams.info('KEPT');
    expect(state.messages).toBe(1);
    await second.close();
  });
});
