import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { existingNats, existingPostgres, existingTemporal } from './existing-parts.js';
import { prepareDatabase, type PreparedDatabase } from './prepare-database.js';
import { createRunDirectory } from './process/run-directory.js';
import type { ChildEnvironment } from './process/start-child.js';
import type { Part } from './restartable-part.js';
import { startCustomer, type Customer, type ReceivedRequest } from './start-customer.js';
import { startKms, type LocalKms } from './start-kms.js';
import { startNats, type Nats } from './start-nats.js';
import { startPostgres, type Postgres } from './start-postgres.js';
import { startTemporal, type Temporal } from './start-temporal.js';

interface AllParts {
  readonly postgres: Postgres;
  readonly nats: Nats;
  readonly temporal: Temporal;
  readonly kms: LocalKms;
  readonly customer: Customer;
}

export type PartName = keyof AllParts;

export interface StartPartsOptions<Name extends PartName> {
  readonly log: (line: string) => void;
  /** The caller's environment: PATH, HOME and XDG_CACHE_HOME to find tools, NODE_ENV, and what Go needs to build. */
  readonly env: ChildEnvironment;
  /** Servers to start. Default: PostgreSQL, NATS, Temporal and KMS. */
  readonly with?: readonly Name[];
  /** Servers to use instead of starting our own. They are never stopped or provisioned here. */
  readonly existing?: ExistingServers;
  /** Receives text while a tool is built. A terminal overwrites it with the next text. */
  readonly progress?: (text: string) => void;
  /** Aborts the start (by Ctrl-C, for example): started servers are ended and the promise rejects. */
  readonly signal?: AbortSignal | undefined;
  /** Called for every request that the sample customer receives. */
  readonly onRequest?: (request: ReceivedRequest) => void;
}

export interface ExistingServers {
  /** A role that may create databases and roles. */
  readonly databaseUrl?: string | undefined;
  readonly natsUrl?: string | undefined;
  readonly temporalAddress?: string | undefined;
}

export type Parts<Name extends PartName> = Pick<AllParts, Name> & {
  /** The run's directory, with one folder per server that holds its log. `stop()` removes it. */
  readonly dir: string;
  /** Creates a new database with our roles on the run's PostgreSQL. `stop()` drops it. */
  readonly prepareDatabase: (name?: string) => Promise<PreparedDatabase>;
  /** Ends the started servers in reverse order and removes the directory. */
  readonly stop: () => Promise<void>;
};

type DefaultParts = Exclude<PartName, 'customer'>;

/**
 * Starts the real servers around the service in parallel and resolves when each has answered a request. If one cannot
 * be started, the others are ended, and the rejection names all failed servers and the ways to get them.
 */
export const startParts = async <Name extends PartName = DefaultParts>(
  options: StartPartsOptions<Name>,
): Promise<Parts<Name>> => {
  const names: readonly PartName[] = options.with ?? ['postgres', 'nats', 'temporal', 'kms'];
  const run = await createRunDirectory(options.log);
  const databases: PreparedDatabase[] = [];
  const started: Partial<Record<PartName, Part>> = {};
  const stop = async (): Promise<void> => {
    for (const database of databases.splice(0)) await database.drop().catch(() => undefined);
    for (const name of [...names].reverse()) await started[name]?.stop();
    await run.remove();
  };
  const results = await Promise.allSettled(
    names.map(async (name) => {
      const dir = join(run.dir, name);
      await mkdir(dir);
      await chmod(dir, 0o711);
      started[name] = await starters[name](options, dir);
    }),
  );
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [messageOf(result.reason)] : []));
  if (failures.length > 0 || options.signal?.aborted) {
    await stop();
    throw new Error(options.signal?.aborted ? 'interrupted while the parts started' : failures.join('\n\n'));
  }
  const prepare = async (name?: string): Promise<PreparedDatabase> => {
    const { adminUrl } = started.postgres as Postgres;
    const database = await prepareDatabase({ adminUrl, ...(name !== undefined && { name }) });
    databases.push(database);
    return database;
  };
  return Object.assign(started as Pick<AllParts, Name>, { dir: run.dir, prepareDatabase: prepare, stop });
};

type Starter = (options: StartPartsOptions<PartName>, dir: string) => Promise<Part>;

const starters: Readonly<Record<PartName, Starter>> = {
  postgres: ({ existing, log }, dir) =>
    existing?.databaseUrl ? existingPostgres(existing.databaseUrl, log) : startPostgres({ dir, log }),
  nats: ({ existing, ...options }, dir) =>
    existing?.natsUrl ? existingNats(existing.natsUrl, options.log) : startNats({ ...options, dir }),
  temporal: ({ existing, ...options }, dir) =>
    existing?.temporalAddress
      ? existingTemporal(existing.temporalAddress, options.log)
      : startTemporal({ ...options, dir }),
  kms: ({ env, log }, dir) => startKms({ env, log, dir }),
  customer: ({ log, onRequest }, dir) => startCustomer({ log, dir, ...(onRequest && { onRequest }) }),
};

const messageOf = (reason: unknown): string => (reason as { message?: string }).message ?? String(reason);
