import { Resolver } from 'node:dns/promises';
import { freePort } from '../../local/process/free-port.js';
import { startScript } from '../start-script.js';
import { hostName } from './bench-hosts.js';

export interface NameServer {
  /** `127.0.0.1:<port>`, as OUTBOUND_NAME_SERVERS takes it. */
  readonly address: string;
  readonly stop: () => Promise<void>;
}

/** @param dir An existing folder for its log. */
export async function startNameServer(dir: string): Promise<NameServer> {
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  const resolver = new Resolver({ timeout: 500, tries: 1 });
  resolver.setServers([address]);
  const probe = () => resolver.resolve4(hostName(0));
  const child = await startScript({ script: 'network/name-server', args: ['--port', String(port)], dir, port, probe });
  return { address, stop: child.stop };
}
