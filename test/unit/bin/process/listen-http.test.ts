import { expect, test } from '@jest/globals';
import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { listenHttp } from '../../../../bin/process/listen-http.js';

const read = (port: number, agent: Agent) =>
  new Promise<string>((resolve, reject) => {
    get({ port, agent, host: '127.0.0.1' }, (response) => {
      response.setEncoding('utf8').once('data', resolve);
    }).once('error', reject);
  });

test('closing lets a running request finish and does not wait for idle connections', async () => {
  const listening = await listenHttp({
    host: '127.0.0.1',
    port: 0,
    app: (_request, response) => void setTimeout(() => response.end('done'), 150),
  });
  const agent = new Agent({ keepAlive: true });
  await read(listening.port, agent);
  const running = read(listening.port, agent);
  await sleep(50);
  const started = performance.now();
  await listening.close();
  expect(await running).toBe('done');
  expect(performance.now() - started).toBeLessThan(1_000);
  agent.destroy();
});

test('an address that is taken rejects', async () => {
  const first = await listenHttp({ host: '127.0.0.1', port: 0, app: () => undefined });
  const second = listenHttp({ host: '127.0.0.1', port: first.port, app: () => undefined });
  await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await first.close();
});
