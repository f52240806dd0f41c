import { join } from 'node:path';
import type { ReceivedRequest } from './customer/received-request.js';
import { freePort } from './process/free-port.js';
import { packageRoot } from './process/package-root.js';
import { startChild, type Child } from './process/start-child.js';
import { waitUntilReady } from './process/wait-until-ready.js';
import { restartablePart, type Part } from './restartable-part.js';

export type { ReceivedRequest } from './customer/received-request.js';

export interface Customer extends Part {
  /** `http://127.0.0.1:<port>`; webhooks go to `<url>/hooks/<behavior>[/anything][?…]`. */
  readonly url: string;
  /** Sets the secret (`whsec_…`) of a path such as `/hooks/ok`, replacing an earlier one. */
  readonly setSecret: (path: string, secret: string) => Promise<void>;
  /** Makes a `/hooks/broken` path answer 200 from now on; without a path, all of them. */
  readonly repair: (path?: string) => Promise<void>;
  /** Requests received so far at a path, oldest first; without a path, at all paths. */
  readonly requests: (path?: string) => Promise<ReceivedRequest[]>;
}

export interface CustomerOptions {
  /** An existing folder for the log. */
  readonly dir: string;
  readonly log: (line: string) => void;
  /** Called for every received request. */
  readonly onRequest?: (request: ReceivedRequest) => void;
}

/** Starts the sample customer (`dist/local/customer.js`) on a free port. It forgets everything on `restart()`. */
export const startCustomer = async ({ dir, log, onRequest }: CustomerOptions): Promise<Customer> => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const script = join(packageRoot(), 'dist', 'local', 'customer.js');
  const logFile = join(dir, 'customer.log');
  const launch = async (): Promise<Child> => {
    const child = await startChild({
      name: 'Customer',
      command: process.execPath,
      args: [script, '--port', String(port), '--dir', dir, ...(onRequest ? [] : ['--quiet'])],
      cwd: dir,
      env: {},
      logFile,
      ...(onRequest && { onLine: (line: string) => onRequest(JSON.parse(line) as ReceivedRequest) }),
    });
    await waitUntilReady({ name: 'Customer', child, probe: () => callCustomer(`${url}/_control/requests`) });
    return child;
  };
  const part = await restartablePart(logFile, launch);
  log(`Sample customer answers on 127.0.0.1:${port}`);
  return Object.assign(part, { url, ...createControls(url) });
};

const createControls = (url: string): Pick<Customer, 'setSecret' | 'repair' | 'requests'> => ({
  setSecret: async (path, secret) => {
    await callCustomer(`${url}/_control/secrets`, { path, secret });
  },
  repair: async (path) => {
    await callCustomer(`${url}/_control/repair`, { path });
  },
  requests: async (path) => {
    const query = path === undefined ? '' : `?path=${encodeURIComponent(path)}`;
    const answer = await callCustomer(`${url}/_control/requests${query}`);
    return (await answer.json()) as ReceivedRequest[];
  },
});

const callCustomer = async (url: string, body?: Record<string, string | undefined>): Promise<Response> => {
  const post = { method: 'POST', body: JSON.stringify(body) };
  const answer = await fetch(url, { signal: AbortSignal.timeout(5_000), ...(body && post) });
  if (!answer.ok) throw new Error(`the sample customer answered ${answer.status}`);
  return answer;
};
