// The other end of every measurement, in a process of its own: answers as the path says, counts and keeps times.
// node dist/bench/receiver.js --port PORT
// POST /<behaviour>/<group>/<anything>: `ok` 204 at once, `fail` 500, `hang` 204 after five seconds until it is repaired.
// GET /_report?group=G&times=1, POST /_repair?group=G, POST /_start (forgets how many there were at once)
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { parseArgs } from 'node:util';
import { createTally } from './tally.js';

const { values } = parseArgs({ options: { port: { type: 'string', default: '0' } } });
const tally = createTally();
const repaired = new Set<string>();

/** A little more than a dispatcher waits. */
const HANG_MS = 5_200;

async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://receiver');
  const [, behaviour = '', group = ''] = pathname.split('/');
  if (behaviour.startsWith('_')) {
    response.end(control(behaviour, searchParams));
    return;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { 'webhook-id': id, 'webhook-attempt': attempt = '1' } = request.headers;
  const key = `${pathname} ${String(id)}`;
  response.once('close', tally.arrived({ group, key, first: attempt === '1', body: Buffer.concat(chunks) }));
  if (behaviour === 'hang' && !repaired.has(group)) setTimeout(() => response.writeHead(204).end(), HANG_MS);
  else response.writeHead(behaviour === 'fail' ? 500 : 204).end();
}

function control(order: string, asked: URLSearchParams): string {
  const group = asked.get('group') ?? '';
  if (order === '_report') return JSON.stringify(tally.report(group, asked.has('times')));
  if (order === '_repair') repaired.add(group);
  else tally.start();
  return '';
}

createServer((request, response) => void receive(request, response).catch(() => response.destroy())).listen(
  Number(values.port),
  '127.0.0.1',
);
