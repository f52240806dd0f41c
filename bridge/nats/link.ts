import { Events, type NatsConnection } from 'nats';

/** Whether the connection to the broker stands. */
export interface ConnectionWatch {
  /** Resolves when it stands, or when `signal` aborts. */
  readonly waitUntilConnected: (signal: AbortSignal) => Promise<void>;
  /** Calls `listener` when it is lost, until the returned function is called. */
  readonly onDisconnect: (listener: () => void) => () => void;
}

/** Watches a connection that stands now, until it is closed. */
export function watchConnection(nats: Pick<NatsConnection, 'status'>): ConnectionWatch {
  const onLoss = new Set<() => void>();
  const onUp = new Set<() => void>();
  let stands = true;

  async function watch(): Promise<void> {
    for await (const { type } of nats.status()) {
      if (type !== Events.Disconnect && type !== Events.Reconnect) continue;
      stands = type === Events.Reconnect;
      for (const listener of [...(stands ? onUp : onLoss)]) listener();
    }
  }
  void watch();

  return {
    waitUntilConnected: (signal) =>
      new Promise((resolve) => {
        const done = () => {
          onUp.delete(done);
          signal.removeEventListener('abort', done);
          resolve();
        };
        onUp.add(done);
        signal.addEventListener('abort', done);
        if (stands || signal.aborted) done();
      }),
    onDisconnect: (listener) => {
      onLoss.add(listener);
      return () => void onLoss.delete(listener);
    },
  };
}
