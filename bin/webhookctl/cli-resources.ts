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

/**
 * Configuration and connections of the commands. Each is loaded or opened on first use.
 * @throws CommandError if its variables are invalid.
 */
export function createCliResources(env: Environment, runtime: NodeRuntime): CliResources {
  const closing: (() => unknown)[] = [];
  const config: CliResources['config'] = {
    database: loadOnce(() => cliConfigLoaders.database(env, runtime)),
    nats: loadOnce(() => cliConfigLoaders.nats(env, runtime)),
    temporal: loadOnce(() => cliConfigLoaders.temporal(env, runtime)),
    kms: loadOnce(() => cliConfigLoaders.kms(env, runtime)),
    internal: loadOnce(() => cliConfigLoaders.internal(env, runtime)),
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

function once<T>(create: () => T): () => T {
  let created: { readonly value: T } | undefined;
  return () => (created ??= { value: create() }).value;
}

const EX_CONFIG = 78;

const loadOnce = <T>(load: () => T): (() => T) =>
  once(() => {
    try {
      return load();
    } catch (error) {
      throw error instanceof ConfigError ? new CommandError(error.message, EX_CONFIG) : error;
    }
  });
