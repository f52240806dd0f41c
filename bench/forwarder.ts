// Yardsticks without us. node dist/bench/forwarder.js --nats URL --to URL: node-fetch POSTs each message that is
// published on `bench.raw`, nothing else. With --count N instead of --nats: so many POSTs of the same body, as fast as it goes.
import { parseArgs } from 'node:util';
import { Agent } from 'node:http';
import { connect } from 'nats';
import fetch from 'node-fetch';
import { clock } from './clock.js';
import { eventOf } from './publish.js';
import { sayState } from './yardstick-state.js';

const { values } = parseArgs({
  options: { nats: { type: 'string' }, to: { type: 'string', default: '' }, count: { type: 'string', default: '0' } },
});
/** As the service: a connection a request, so many at once. */
const agent = new Agent({ keepAlive: false });
const AT_ONCE = 20;
const WARM_UP = 200;

async function post(body: Buffer | string, id: string): Promise<void> {
  const headers = { 'content-type': 'application/json', 'webhook-id': id };
  const response = await fetch(values.to, { method: 'POST', body, headers, agent, redirect: 'manual' });
  await response.text();
}

async function forward(url: string): Promise<void> {
  const connection = await connect({ servers: url });
  const subscription = connection.subscribe('bench.raw');
  await connection.flush();
  sayState({ state: 'ready' });
  let count = 0;
  for await (const { data } of subscription) void post(Buffer.from(data), `raw_${(count += 1)}`).catch(() => undefined);
}

async function postMany(count: number): Promise<void> {
  const body = JSON.stringify(eventOf('00000000-0000-4000-8000-000000000000', clock()));
  let left = count;
  const next = async (): Promise<void> => {
    while (left > 0) await post(body, `post_${(left -= 1)}`);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
}

if (values.nats !== undefined) await forward(values.nats);
else {
  await postMany(WARM_UP);
  sayState({ state: 'measuring' });
  await postMany(Number(values.count));
  sayState({ state: 'done' });
  // Stays to be asked what it used.
  setInterval(() => undefined, 60_000);
}
