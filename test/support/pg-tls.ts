import { chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unprivilegedUser } from '../../local/postgres/unprivileged-user.js';
import { prepareDatabase, type PreparedDatabase } from '../../local/prepare-database.js';
import { packageRoot } from '../../local/process/package-root.js';
import { createRunDirectory } from '../../local/process/run-directory.js';
import { startPostgres } from '../../local/start-postgres.js';
import type { Authority } from './certificates.js';

export interface TlsPostgres {
  /** A fresh database with our roles in it, which deploy/postgres/pg_hba.conf accepts with TLS only. */
  readonly database: PreparedDatabase;
  readonly stop: () => Promise<void>;
}

/** The rule for the test harness; the tested rules do not concern the administrator. */
const ADMINISTRATOR = 'host all postgres 127.0.0.1/32 scram-sha-256\n';

/** A real PostgreSQL with ssl = on, on 127.0.0.1 and ::1, with a certificate of this authority for these names. */
export async function startTlsPostgres(authority: Authority, names: string): Promise<TlsPostgres> {
  const run = await createRunDirectory(() => undefined);
  const pki = join(run.dir, 'pki');
  mkdirSync(pki, { mode: 0o711 });
  const { cert, key } = authority.issue({ names, usage: 'serverAuth' });
  const rules = readFileSync(join(packageRoot(), 'deploy', 'postgres', 'pg_hba.conf'), 'utf8');
  const owner = unprivilegedUser(pki);
  const file = (name: string, text: string, mode: number): string => {
    const path = join(pki, name);
    writeFileSync(path, text, { mode });
    // PostgreSQL refuses a key that is not its own user's.
    if (owner !== undefined) chownSync(path, owner.uid, owner.gid);
    return path;
  };
  const settings = {
    ssl: 'on',
    ssl_cert_file: file('server.crt', cert, 0o644),
    ssl_key_file: file('server.key', key, 0o600),
    hba_file: file('pg_hba.conf', ADMINISTRATOR + rules, 0o644),
    listen_addresses: '127.0.0.1,::1',
  };
  try {
    const server = await startPostgres({ dir: run.dir, log: () => undefined, settings });
    const stop = async () => {
      await server.stop();
      await run.remove();
    };
    return { database: await prepareDatabase(server), stop };
  } catch (error) {
    await run.remove();
    throw error;
  }
}
