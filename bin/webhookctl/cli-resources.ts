import { Client, Connection } from '@temporalio/client';
import { connect, type NatsConnection } from 'nats';
import { CommandError } from '../../cli/command-error.js';
import { ConfigError } from '../../config/config-error.js';
import type { Environment } from '../../config/environment.js';
import { cliConfigLoaders } from '../../config/load-cli-config.js';
import type { NodeRuntime } from '../../config/start-refusals.js';
import { createPool, type Database } from '../../db/client.js';
import { natsOptions } from '../process/nats-options.js';
import { temporalOptions } from '../process/temporal-options.js';

export interface CliResources {
  readonly config: {
    readonly [Name in keyof typeof cliConfigLoaders]: () => ReturnType<(typeof cliConfigLoaders)[Name]>;
  };
  readonly database: () => Database;
  readonly nats: () => Promise<NatsConnection>;
  readonly temporal: () => Promise<Client>;
  readonly close: () => Promise<void>;
}

const CONNECT_MS = 5_000;

/** What commands talk to, each opened by the first who asks for it. @throws CommandError where its variables are wrong. */
export function createCliResources(env: Environment, runtime: NodeRuntime): CliResources {
  const closing: (() => unknown)[] = [];
  const config: CliResources['config'] = {
    database: usable(() => cliConfigLoaders.database(env, runtime)),
    nats: usable(() => cliConfigLoaders.nats(env, runtime)),
    temporal: usable(() => cliConfigLoaders.temporal(env, runtime)),
    kms: usable(() => cliConfigLoaders.kms(env, runtime)),
    internal: usable(() => cliConfigLoaders.internal(env, runtime)),
  };
  const database = () => {
    const settings = config.database();
    const pool = createPool(
      { ...settings, password: settings.password?.(), poolMax: 2, applicationName: 'webhookctl' },
      () => undefined,
    );
    closing.push(() => pool.end());
    return pool;
  };
  const nats = async () => {
    const options = { reconnect: false, waitOnFirstConnect: false, maxReconnectAttempts: 0, timeout: CONNECT_MS };
    const connection = await connect({ ...natsOptions(config.nats(), 'webhookctl'), ...options });
    closing.push(() => connection.close());
    return connection;
  };
  const temporal = async () => {
    const settings = config.temporal();
    const connection = await Connection.connect({ ...temporalOptions(settings), connectTimeout: CONNECT_MS });
    closing.push(() => connection.close());
    return new Client({ connection, namespace: settings.namespace });
  };
  const close = async () => {
    for (const end of closing.splice(0).reverse()) await end();
  };
  return { config, database: once(database), nats: once(nats), temporal: once(temporal), close };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

const EX_CONFIG = 78;

const usable = <T>(load: () => T): (() => T) =>
  once(() => {
    try {
      return load();
    } catch (error) {
      throw error instanceof ConfigError ? new CommandError(error.message, EX_CONFIG) : error;
    }
  });
