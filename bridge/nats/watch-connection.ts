import { Events, type NatsConnection } from 'nats';

export interface ConnectionWatch {
  /** Resolves when the process is connected to the broker, or when `signal` aborts. */
  readonly waitUntilConnected: (signal: AbortSignal) => Promise<void>;
  /** Calls `listener` at every disconnect, until the returned function is called. */
  readonly onDisconnect: (listener: () => void) => () => void;
}

/** Watches a connection that is established now, until it is closed. */
export function watchConnection(nats: Pick<NatsConnection, 'status'>): ConnectionWatch {
  const disconnectListeners = new Set<() => void>();
  const reconnectListeners = new Set<() => void>();
  let isConnected = true;

  async function watch(): Promise<void> {
    for await (const { type } of nats.status()) {
      if (type !== Events.Disconnect && type !== Events.Reconnect) continue;
      isConnected = type === Events.Reconnect;
      for (const listener of [...(isConnected ? reconnectListeners : disconnectListeners)]) listener();
    }
  }
  void watch();

  return {
    waitUntilConnected: (signal) =>
      new Promise((resolve) => {
        const done = () => {
          reconnectListeners.delete(done);
          signal.removeEventListener('abort', done);
          resolve();
        };
        reconnectListeners.add(done);
        signal.addEventListener('abort', done);
        if (isConnected || signal.aborted) done();
      }),
    onDisconnect: (listener) => {
      disconnectListeners.add(listener);
      return () => void disconnectListeners.delete(listener);
    },
  };
}
