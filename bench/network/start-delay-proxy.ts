import { connect } from 'node:net';
import { once } from 'node:events';
import { freePort } from '../../local/process/free-port.js';
import { startScript } from '../start-script.js';

export interface DelayProxy {
  readonly port: number;
  readonly stop: () => Promise<void>;
}

export interface DelayProxyOptions {
  /** Port on 127.0.0.1 that is made to look far away. */
  readonly to: number;
  /** In each direction: half of a round trip. */
  readonly delayMs: number;
  /** An existing folder for its log. */
  readonly dir: string;
}

export async function startDelayProxy({ to, delayMs, dir }: DelayProxyOptions): Promise<DelayProxy> {
  const port = await freePort();
  const args = ['--port', String(port), '--to', String(to), '--delay-ms', String(delayMs)];
  const probe = async () => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.destroy();
  };
  const child = await startScript({ script: 'network/delay-proxy', args, dir, port, probe });
  return { port, stop: child.stop };
}
