import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAuthority, selfSigned, type Certificate } from './certificates.js';

/** Paths of one client's files, and the message for a refused connection. */
export interface ClientFiles {
  readonly cert: string;
  readonly key: string;
}

export const CLIENTS = [
  'webhook-dispatcher',
  'webhook-setup',
  'platform-producer',
  /** Of the right authority, but the name of no user. */
  'webhook-stranger',
  /** webhook-dispatcher of an authority of its own. */
  'other-authority',
  /** webhook-dispatcher until yesterday. */
  'expired',
  /** webhook-dispatcher, made for a server. */
  'server-only',
  /** webhook-dispatcher, signed by itself. */
  'self-signed',
] as const;
export type Client = (typeof CLIENTS)[number];

export interface NatsPki {
  readonly ca: string;
  readonly client: (name: Client) => ClientFiles;
  /** Lays out the `pki` folder that a server expects where it is started. */
  readonly serverFolder: (dir: string, linkAs?: Client) => void;
}

const usage = 'clientAuth';

/** All certificates of a hub, a leaf node and their clients, made now, as files below `dir`. */
export function createNatsPki(dir: string): NatsPki {
  const authority = createAuthority();
  const dispatcher = { names: 'DNS:webhook-dispatcher', usage } as const;
  const made: Record<Client, Certificate> = {
    'webhook-dispatcher': authority.issue(dispatcher),
    'webhook-setup': authority.issue({ names: 'DNS:webhook-setup', usage }),
    'platform-producer': authority.issue({ names: 'DNS:platform-producer', usage }),
    'webhook-stranger': authority.issue({ names: 'DNS:webhook-stranger', usage }),
    'other-authority': createAuthority().issue(dispatcher),
    expired: authority.issue({ ...dispatcher, days: -1 }),
    'server-only': authority.issue({ ...dispatcher, usage: 'serverAuth' }),
    'self-signed': selfSigned(dispatcher),
  };
  const server = authority.issue({ names: 'DNS:localhost,IP:127.0.0.1', usage: 'serverAuth' });
  const clients = join(dir, 'clients');
  mkdirSync(clients, { recursive: true });
  const paths = (name: Client): ClientFiles => ({
    cert: join(clients, `${name}.crt`),
    key: join(clients, `${name}.key`),
  });
  const ca = join(clients, 'ca.crt');
  writeFileSync(ca, authority.ca);
  for (const name of CLIENTS) {
    writeFileSync(paths(name).cert, made[name].cert);
    writeFileSync(paths(name).key, made[name].key, { mode: 0o600 });
  }
  const serverFolder = (at: string, linkAs: Client = 'webhook-dispatcher') => {
    const pki = join(at, 'pki');
    mkdirSync(pki, { recursive: true });
    writeFileSync(join(pki, 'ca.crt'), authority.ca);
    write(pki, 'server', server);
    write(pki, 'webhook-dispatcher', made[linkAs]);
  };
  return { ca, client: paths, serverFolder };
}

function write(folder: string, name: string, { cert, key }: Certificate): void {
  writeFileSync(join(folder, `${name}.crt`), cert);
  writeFileSync(join(folder, `${name}.key`), key, { mode: 0o600 });
}
