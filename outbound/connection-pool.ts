import type { Socket } from 'node:net';
import type { ResolvedAddress } from './ask-name-servers.js';
import type { Connection, ConnectionOwner } from './create-connection.js';

/** A connection is closed at this age, so that a receiver that has moved behind its name is left at last. */
const MAX_AGE_MS = 60_000;
/** Kept connections of a process. */
const MAX_IDLE = 256;

export interface ConnectionPool {
  /**
   * A kept connection of this owner to one of the addresses, or undefined. Connections to other addresses, and of another
   * revision of the webhook, are closed.
   */
  readonly take: (owner: ConnectionOwner, addresses: readonly ResolvedAddress[]) => Connection | undefined;
  /** Keeps a connection for `idleMs` at most; false where it must not be. */
  readonly keep: (connection: Connection, idleMs: number) => boolean;
  /** Closes all kept connections of a webhook. */
  readonly closeWebhook: (webhookId: string) => void;
  /** Closes all kept connections, and keeps none any more. */
  readonly close: () => void;
  /** The number of kept connections. */
  readonly size: () => number;
}

interface Kept {
  readonly connection: Connection;
  readonly endsAtMs: number;
  readonly stopWatching: () => void;
}

/**
 * Connections that wait for their webhook's next request, one pool a webhook: an answer that comes late can only be the
 * webhook's own. Bounded: 256 in a process, the oldest goes first; each is at most a minute old.
 * @param now milliseconds of a clock that is never set back
 */
export function createConnectionPool({ now }: { readonly now: () => number }): ConnectionPool {
  const index = createIndex();
  let isClosed = false;
  const drop = (kept: Kept): void => {
    index.remove(kept);
    kept.connection.close();
  };
  return {
    take: (owner, addresses) => {
      const fits = ({ connection, endsAtMs }: Kept) =>
        now() < endsAtMs && isOwnedBy(connection, owner) && leadsToOneOf(connection, addresses);
      const kept = index.ofWebhook(owner.webhookId);
      kept.filter((one) => !fits(one)).forEach(drop);
      const newest = kept.filter(fits).at(-1);
      if (newest !== undefined) index.remove(newest);
      return newest?.connection;
    },
    keep: (connection, idleMs) => {
      const { openedAtMs, socket } = connection;
      const leftMs = Math.min(idleMs, openedAtMs + MAX_AGE_MS - now());
      if (isClosed || leftMs <= 0 || !isOpen(socket)) return false;
      const stopWatching = watchIdle(socket, leftMs, () => drop(kept));
      const kept = { connection, endsAtMs: now() + leftMs, stopWatching };
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
    size: index.size,
  };
}

/** Both views in the order in which the connections were kept. */
function createIndex() {
  const all = new Set<Kept>();
  const byWebhook = new Map<string, Set<Kept>>();
  return {
    add: (kept: Kept): void => {
      const { webhookId } = kept.connection.owner;
      all.add(kept);
      byWebhook.set(webhookId, (byWebhook.get(webhookId) ?? new Set()).add(kept));
    },
    remove: (kept: Kept): void => {
      const { webhookId } = kept.connection.owner;
      const ofWebhook = byWebhook.get(webhookId);
      kept.stopWatching();
      all.delete(kept);
      ofWebhook?.delete(kept);
      if (ofWebhook?.size === 0) byWebhook.delete(webhookId);
    },
    ofWebhook: (webhookId: string): Kept[] => [...(byWebhook.get(webhookId) ?? [])],
    all: (): Kept[] => [...all],
    oldest: (): Kept | undefined => all.values().next().value,
    size: (): number => all.size,
  };
}

const isOpen = (socket: Socket): boolean => !socket.destroyed && socket.writable && socket.readable;

const isOwnedBy = ({ owner, socket }: Connection, { webhookId, revision, origin }: ConnectionOwner): boolean =>
  owner.webhookId === webhookId && owner.revision === revision && owner.origin === origin && isOpen(socket);

const leadsToOneOf = ({ address: own }: Connection, addresses: readonly ResolvedAddress[]): boolean =>
  addresses.some(({ address }) => address === own);

/** What ends an idle connection: the other side, an error, or bytes that answer nothing. */
const ENDINGS = ['data', 'end', 'close', 'error'] as const;

/** Calls `onOver` once an idle socket is of no more use. It does not keep the process alive. */
function watchIdle(socket: Socket, idleMs: number, onOver: () => void): () => void {
  const timer = setTimeout(onOver, idleMs).unref();
  for (const ending of ENDINGS) socket.on(ending, onOver);
  socket.unref();
  return () => {
    clearTimeout(timer);
    for (const ending of ENDINGS) socket.removeListener(ending, onOver);
  };
}
