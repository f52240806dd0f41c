// A receiver far away: passes TCP connections on and lets every byte wait on its way, in each direction.
// node dist/bench/network/delay-proxy.js --port PORT --to PORT --delay-ms 25
// The kernel has accepted a connection before we know of it, so what the client sends first also waits for the round trip
// that a handshake over this distance would have taken.
import { connect, createServer, type Socket } from 'node:net';
import { parseArgs } from 'node:util';
import { createDelayLine } from './delay-line.js';

const { values } = parseArgs({
  options: { port: { type: 'string' }, to: { type: 'string' }, 'delay-ms': { type: 'string', default: '0' } },
});
const delayMs = Number(values['delay-ms']);

const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
  const far = connect({ port: Number(values.to), host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  pass(near, far, 2 * delayMs);
  pass(far, near, 0);
});

function pass(from: Socket, to: Socket, handshakeMs: number): void {
  const later = createDelayLine({ delayMs, firstMs: handshakeMs, now: () => performance.now() });
  from.on('data', (chunk) => later(() => to.writable && to.write(chunk)));
  from.once('end', () => later(() => to.end()));
  // A connection that was reset is reset on the other side as well, as late as everything else.
  from.once('close', (failed) => later(() => (failed ? to.resetAndDestroy() : undefined)));
  from.on('error', () => undefined);
}

server.listen(Number(values.port), '127.0.0.1');
