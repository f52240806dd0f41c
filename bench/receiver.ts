// The other end of every measurement, in a process of its own: answers as the path says, counts and keeps times.
// node dist/bench/receiver.js --port PORT --control PORT [--cert FILE --key FILE] [--idle usual|kept|random]
// POST /<behavior>/<group>/<anything>: `ok` 204 at once, `work` 204 after ten milliseconds, `fail` 500, `hang` 204 after
// five seconds until it is repaired.
// The control port: GET /_report?group=G&times=1, POST /_repair?group=G, POST /_start (forgets how many there were at once)
// With a certificate it speaks https. An idle connection is closed after Node's five seconds, never, or at random.
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import https from 'node:https';
import { parseArgs } from 'node:util';
import { closeIdleAtRandom } from './close-idle.js';
import { createTally } from './tally.js';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    control: { type: 'string', default: '0' },
    cert: { type: 'string' },
    key: { type: 'string' },
    idle: { type: 'string', default: 'usual' },
  },
});
const tally = createTally();
const repaired = new Set<string>();

/** A little more than a dispatcher waits. */
const HANG_MS = 5_200;
const WORK_MS = 10;
const RANDOM_IDLE_MS = 5_000;

async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [path = '/'] = (request.url ?? '/').split('?');
  const [, behavior = '', group = ''] = path.split('/');
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { 'webhook-id': id, 'webhook-attempt': attempt = '1' } = request.headers;
  const key = `${path} ${String(id)}`;
  response.once('close', tally.arrived({ group, key, first: attempt === '1', body: Buffer.concat(chunks) }));
  const answer = () => response.writeHead(behavior === 'fail' ? 500 : 204).end();
  const waitMs = answerAfterMs(behavior, group);
  if (waitMs === 0) answer();
  else setTimeout(answer, waitMs);
}

function answerAfterMs(behavior: string, group: string): number {
  if (behavior === 'work') return WORK_MS;
  return behavior === 'hang' && !repaired.has(group) ? HANG_MS : 0;
}

function control(request: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://receiver');
  const group = searchParams.get('group') ?? '';
  if (pathname === '/_repair') repaired.add(group);
  if (pathname === '/_start') tally.start();
  response.end(pathname === '/_report' ? JSON.stringify(tally.report(group, searchParams.has('times'))) : '');
}

const listener: RequestListener = (request, response) =>
  void receive(request, response).catch(() => response.destroy());
const { cert, key } = values;
const server =
  cert === undefined || key === undefined
    ? createServer(listener)
    : https.createServer({ cert: readFileSync(cert), key: readFileSync(key) }, listener);
// Without Node's own limit there is no Keep-Alive header either, which would tell the client when to stop.
if (values.idle !== 'usual') server.keepAliveTimeout = 0;
if (values.idle === 'random') closeIdleAtRandom(server, RANDOM_IDLE_MS);
server.listen(Number(values.port), '127.0.0.1');
createServer(control).listen(Number(values.control), '127.0.0.1');
