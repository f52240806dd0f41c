import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type ConnectionOptions, type NatsConnection } from 'nats';
import { natsOptions } from '../../bin/process/nats-options.js';
import { ensureStreams } from '../../bridge/nats/streams.js';
import { natsGroup, type NatsConfig } from '../../config/groups/nats.js';
import { loadGroups } from '../../config/load-groups.js';
import { freePort } from '../../local/process/free-port.js';
import { packageRoot } from '../../local/process/package-root.js';
import { startChild, type Child } from '../../local/process/start-child.js';
import { waitUntilReady } from '../../local/process/wait-until-ready.js';
import { findTool } from '../../local/tools/find-tool.js';
import { createNatsPki, type Client, type NatsPki } from './nats-pki.js';

export type Profile = 'baseline' | 'hardened';

export interface NatsServer {
  /** `tls://localhost:<port>` */
  readonly url: string;
  readonly log: string;
}

export interface LeafOptions {
  /** What it shows to the hub. Default: the right certificate. */
  readonly linkAs?: Client;
  /** Its local user may do anything, so that only the hub limits. */
  readonly open?: boolean;
}

export interface NatsServers {
  readonly pki: NatsPki;
  readonly hub: NatsServer;
  readonly leaf: NatsServer;
  /** The service's own configuration, read from the variables it gets. */
  readonly dispatcher: NatsConfig;
  /** The variables that a process of ours gets in order to connect as this client. */
  readonly environment: (client: Client, server: NatsServer) => Record<string, string>;
  /** Another leaf node at the same hub. */
  readonly startLeaf: (options: LeafOptions) => Promise<NatsServer>;
  /** With the service's options, but without reconnecting. Closed at `stop()`. */
  readonly connect: (client: Client, server: NatsServer, more?: ConnectionOptions) => Promise<NatsConnection>;
  readonly stop: () => Promise<void>;
}

const INBOXES: Partial<Record<Client, string>> = {
  'webhook-setup': '_INBOX_ws',
  'platform-producer': '_INBOX_prod',
  'webhook-dispatcher': '_INBOX_wd',
};
const REACH = { baseline: { NATS_JS_DOMAIN: 'hub' }, hardened: { NATS_JS_API_PREFIX: 'wh.js' } };
const configurations = join(packageRoot(), 'deploy', 'nats');

/** A hub and a leaf node from the files in deploy/nats, with certificates made now and the streams provisioned. */
export async function startNatsServers(profile: Profile): Promise<NatsServers> {
  const dir = mkdtempSync(join(tmpdir(), 'nats-pki-'));
  const children: Child[] = [];
  const connections: NatsConnection[] = [];
  const stop = async () => {
    await Promise.all(connections.map((connection) => connection.close()));
    for (const child of children.reverse()) await child.stop();
    rmSync(dir, { recursive: true });
  };
  try {
    return { ...(await start({ profile, dir, children, connections })), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Run {
  profile: Profile;
  dir: string;
  children: Child[];
  connections: NatsConnection[];
}

async function start({ profile, dir, children, connections }: Run): Promise<Omit<NatsServers, 'stop'>> {
  const pki = createNatsPki(dir);
  const suffix = profile === 'hardened' ? '-hardened' : '';
  const linkPort = await freePort();
  const environment = (client: Client, { url }: NatsServer) => environmentOf(pki, client, url);
  const open: NatsServers['connect'] = async (client, server, more = {}) => {
    const connection = await connectAs(environment(client, server), more);
    connections.push(connection);
    return connection;
  };

  const hubPlace = await placeFor('hub', dir, pki.serverFolder);
  const hubEnv = {
    HUB_CLIENT_LISTEN: hubPlace.listen,
    HUB_LEAF_LISTEN: `127.0.0.1:${linkPort}`,
    HUB_STORE: join(dir, 'store'),
  };
  const hubFile = join(configurations, `hub${suffix}.conf`);
  children.push(await launch(hubPlace, { file: hubFile, env: hubEnv, probe: () => open('webhook-setup', hubPlace) }));
  await provision(await open('webhook-setup', hubPlace));

  const startLeaf = async ({ linkAs, open: isOpen = false }: LeafOptions) => {
    const place = await placeFor('leaf', dir, (at) => pki.serverFolder(at, linkAs));
    const file = join(isOpen ? withoutPermissions(place.dir) : configurations, `leaf${suffix}.conf`);
    const env = { LEAF_CLIENT_LISTEN: place.listen, LEAF_HUB_URL: `tls://localhost:${linkPort}` };
    children.push(await launch(place, { file, env, probe: () => open('webhook-dispatcher', place) }));
    return place;
  };
  const leaf = await startLeaf({});
  const variables = { ...environment('webhook-dispatcher', leaf), ...REACH[profile] };
  const { nats: dispatcher } = loadGroups(variables, { nats: natsGroup });
  return {
    pki,
    hub: hubPlace,
    leaf,
    dispatcher,
    environment: withReach(environment, profile),
    startLeaf,
    connect: open,
  };
}

/** The service also needs to know where JetStream is. */
const withReach =
  (environment: NatsServers['environment'], profile: Profile): NatsServers['environment'] =>
  (client, server) => ({
    ...environment(client, server),
    ...(client === 'webhook-dispatcher' ? REACH[profile] : {}),
  });

async function connectAs(variables: Record<string, string>, more: ConnectionOptions): Promise<NatsConnection> {
  const { nats } = loadGroups(variables, { nats: natsGroup });
  const quick = { maxReconnectAttempts: 0, waitOnFirstConnect: false, timeout: 2_000, ...more };
  return await connect({ ...natsOptions(nats, 'test'), ...quick });
}

function environmentOf(pki: NatsPki, client: Client, url: string): Record<string, string> {
  const { cert, key } = pki.client(client);
  const inbox = INBOXES[client];
  return {
    NATS_URL: url,
    NATS_TLS_CA: pki.ca,
    NATS_TLS_CERT: cert,
    NATS_TLS_KEY: key,
    ...(inbox === undefined ? {} : { NATS_INBOX_PREFIX: inbox }),
  };
}

/** The same files, with a local user that only the hub limits. */
function withoutPermissions(at: string): string {
  const copy = join(at, 'conf');
  cpSync(configurations, copy, { recursive: true });
  for (const name of ['dispatcher-permissions', 'dispatcher-permissions-hardened'])
    writeFileSync(join(copy, `${name}.conf`), 'publish: { allow: [">"] }\nsubscribe: { allow: [">"] }\n');
  return copy;
}

async function provision(connection: NatsConnection): Promise<void> {
  await ensureStreams(await connection.jetstreamManager(), {
    stream: 'WEBHOOKS',
    durable: 'dispatcher',
    deadLetterStream: 'WEBHOOKS_DLQ',
    deadLetterSubject: 'webhook.dispatch.deadletter',
    replicas: 1,
  });
}

interface Place extends NatsServer {
  readonly name: string;
  readonly dir: string;
  readonly listen: string;
}

async function placeFor(name: string, parent: string, furnish: (dir: string) => void): Promise<Place> {
  const port = await freePort();
  const dir = join(parent, `${name}-${port}`);
  mkdirSync(dir);
  furnish(dir);
  return { name, dir, listen: `127.0.0.1:${port}`, url: `tls://localhost:${port}`, log: join(dir, `${name}.log`) };
}

interface Launch {
  file: string;
  env: Record<string, string>;
  probe: () => Promise<unknown>;
}

async function launch({ name, dir, log: logFile }: Place, { file, env, probe }: Launch): Promise<Child> {
  const { path } = await findTool({ name: 'nats-server', env: process.env, log: () => undefined });
  const child = await startChild({ name, command: path, args: ['-c', file], cwd: dir, env, logFile });
  await waitUntilReady({ name, child, probe });
  return child;
}
