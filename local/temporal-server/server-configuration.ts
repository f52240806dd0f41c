export interface DataStores {
  readonly plugin: string;
  readonly shards: number;
  readonly databaseUrl: string;
  /** Names of the databases of executions and of visibility. */
  readonly main: string;
  readonly visibility: string;
}

export interface ServerConfiguration extends DataStores {
  readonly frontend: number;
  readonly metrics: number;
  /** Seven ports for traffic inside the server. */
  readonly others: readonly number[];
  readonly dynamicFile: string;
}

/** The production server's configuration file: JSON, which is YAML as well. */
export const serverConfiguration = (options: ServerConfiguration): string => {
  const [frontendMember, history, historyMember, matching, matchingMember, worker, workerMember] = options.others;
  const service = (grpcPort: number | undefined, membershipPort: number | undefined) => ({
    rpc: { grpcPort, membershipPort, bindOnLocalHost: true },
  });
  return JSON.stringify({
    log: { stdout: true, level: 'warn' },
    persistence: {
      defaultStore: 'main',
      visibilityStore: 'visibility',
      numHistoryShards: options.shards,
      datastores: {
        main: dataStore(options, options.main, 20),
        visibility: dataStore(options, options.visibility, 10),
      },
    },
    global: {
      membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' },
      metrics: { prometheus: { timerType: 'histogram', listenAddress: `127.0.0.1:${options.metrics}` } },
    },
    services: {
      frontend: service(options.frontend, frontendMember),
      history: service(history, historyMember),
      matching: service(matching, matchingMember),
      worker: service(worker, workerMember),
    },
    clusterMetadata: onlyCluster(options.frontend),
    dcRedirectionPolicy: { policy: 'noop' },
    dynamicConfigClient: { filepath: options.dynamicFile, pollInterval: '10s' },
  });
};

const onlyCluster = (frontend: number) => ({
  enableGlobalNamespace: false,
  failoverVersionIncrement: 10,
  masterClusterName: 'active',
  currentClusterName: 'active',
  clusterInformation: {
    active: {
      enabled: true,
      initialFailoverVersion: 1,
      rpcName: 'frontend',
      rpcAddress: `127.0.0.1:${frontend}`,
    },
  },
});

const dataStore = ({ plugin, databaseUrl }: DataStores, databaseName: string, maxConns: number) => {
  const { host, username, password } = new URL(databaseUrl);
  const connection = { connectAddr: host, connectProtocol: 'tcp', user: username, password };
  const pool = { maxConns, maxIdleConns: maxConns, maxConnLifetime: '1h' };
  return { sql: { pluginName: plugin, databaseName, ...connection, ...pool } };
};
