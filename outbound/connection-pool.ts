import type { Socket } from 'node:net';
import type { ResolvedAddress } from './ask-name-servers.js';
import type { Connection, ConnectionOwner } from './create-connection.js';

/** A receiver that drains a server, or replaces a certificate, has the new one in use after this time. */
const MAX_AGE_MS = 60_000;
/** Idle connections in a process. */
const MAX_IDLE = 256;

export interface ConnectionPool {
  /**
   * Takes the newest idle connection of this owner to one of the addresses out of the pool. Idle connections of the webhook to
   * other addresses, or of another revision or origin, are closed.
   */
  readonly take: (owner: ConnectionOwner, addresses: readonly ResolvedAddress[]) => Connection | undefined;
  /** Puts a connection into the pool for at most `idleMs`. Answers false if it may not be kept. */
  readonly keep: (connection: Connection, idleMs: number) => boolean;
  /** Closes the idle connections of a webhook. */
  readonly closeWebhook: (webhookId: string) => void;
  /** Closes all idle connections. From then on no connection is kept. */
  readonly close: () => void;
  readonly countIdle: () => number;
}

interface IdleConnection {
  readonly connection: Connection;
  readonly expiresAtMs: number;
  readonly stopWatching: () => void;
}

/**
 * Creates a pool of idle connections. A connection serves one webhook only, so a late answer can never reach another account. The
 * pool holds at most 256 connections and closes the oldest first. A connection is at most a minute old.
 * @param now milliseconds of a monotonic clock
 */
export function createConnectionPool({ now }: { readonly now: () => number }): ConnectionPool {
  const index = createIndex();
  let isClosed = false;
  const drop = (kept: IdleConnection): void => {
    index.remove(kept);
    kept.connection.close();
  };
  return {
    take: (owner, addresses) => {
      const isUsable = ({ connection, expiresAtMs }: IdleConnection) =>
        now() < expiresAtMs && isOwnedBy(connection, owner) && isConnectedToOneOf(connection, addresses);
      const kept = index.ofWebhook(owner.webhookId);
      kept.filter((one) => !isUsable(one)).forEach(drop);
      const newest = kept.filter(isUsable).at(-1);
      if (newest !== undefined) index.remove(newest);
      return newest?.connection;
    },
    keep: (connection, idleMs) => {
      const { openedAtMs, socket } = connection;
      const leftMs = Math.min(idleMs, openedAtMs + MAX_AGE_MS - now());
      if (isClosed || leftMs <= 0 || !isOpen(socket)) return false;
      const stopWatching = watchIdle(socket, leftMs, () => drop(kept));
      const kept = { connection, expiresAtMs: now() + leftMs, stopWatching };
      index.add(kept);
      const oldest = index.oldest();
      if (index.size() > MAX_IDLE && oldest !== undefined) drop(oldest);
      return true;
    },
    closeWebhook: (webhookId) => index.ofWebhook(webhookId).forEach(drop),
    close: () => {
      isClosed = true;
      index.all().forEach(drop);
    },
    countIdle: index.size,
  };
}

/** Both views are in the order in which the connections were put into the pool. */
function createIndex() {
  const all = new Set<IdleConnection>();
  const byWebhook = new Map<string, Set<IdleConnection>>();
  return {
    add: (kept: IdleConnection): void => {
      const { webhookId } = kept.connection.owner;
      all.add(kept);
      byWebhook.set(webhookId, (byWebhook.get(webhookId) ?? new Set()).add(kept));
    },
    remove: (kept: IdleConnection): void => {
      const { webhookId } = kept.connection.owner;
      const ofWebhook = byWebhook.get(webhookId);
      kept.stopWatching();
      all.delete(kept);
      ofWebhook?.delete(kept);
      if (ofWebhook?.size === 0) byWebhook.delete(webhookId);
    },
    ofWebhook: (webhookId: string): IdleConnection[] => [...(byWebhook.get(webhookId) ?? [])],
    all: (): IdleConnection[] => [...all],
    oldest: (): IdleConnection | undefined => all.values().next().value,
    size: (): number => all.size,
  };
}

const isOpen = (socket: Socket): boolean => !socket.destroyed && socket.writable && socket.readable;

const isOwnedBy = ({ owner, socket }: Connection, { webhookId, revision, origin }: ConnectionOwner): boolean =>
  owner.webhookId === webhookId && owner.revision === revision && owner.origin === origin && isOpen(socket);

const isConnectedToOneOf = ({ address: remoteAddress }: Connection, addresses: readonly ResolvedAddress[]): boolean =>
  addresses.some(({ address }) => address === remoteAddress);

/** Events that make an idle connection unusable. Bytes on it answer no request. */
const ENDINGS = ['data', 'end', 'close', 'error'] as const;

/** Calls `onOver` when an idle socket is unusable or its time is over. The socket does not keep the process alive. */
function watchIdle(socket: Socket, idleMs: number, onOver: () => void): () => void {
  const timer = setTimeout(onOver, idleMs).unref();
  for (const ending of ENDINGS) socket.on(ending, onOver);
  socket.unref();
  return () => {
    clearTimeout(timer);
    for (const ending of ENDINGS) socket.removeListener(ending, onOver);
  };
}
