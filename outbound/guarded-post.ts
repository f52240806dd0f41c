import { createAddressPolicy, type OutboundAllow } from '../domain/security/address-policy.js';
import { createUrlGate } from '../domain/security/url-gate.js';
import { createCachedResolve } from './cached-resolve.js';
import { createConnectionPool } from './connection-pool.js';
import { createFindAddresses } from './find-addresses.js';
import { createOpenSocket } from './open-socket.js';
import { createPost, type Post } from './post.js';
import { createAskNameServers } from './ask-name-servers.js';
import { createTlsOptions } from './tls-options.js';

export interface GuardedPostOptions {
  /** PEM bundle, usually `readTrustedCa()`. */
  readonly ca: string;
  readonly ipv6: boolean;
  readonly allow: OutboundAllow;
  /** Whether a connection is kept for the next request of its webhook. */
  readonly keepAlive: boolean;
  /** Name servers as `address[:port]`; the system's own when absent. */
  readonly nameServers?: readonly string[] | undefined;
}

export interface GuardedPost {
  readonly post: Post;
  /** Closes all idle connections. From then on no connection is kept. */
  readonly closeConnections: () => void;
}

/** `post` with its guard: URL gate, c-ares resolution and the address check at connect time, all by the same rules. */
export function createGuardedPost({ ca, ipv6, allow, keepAlive, nameServers }: GuardedPostOptions): GuardedPost {
  const { isAllowed } = createAddressPolicy({ ipv6, allow });
  const now = () => performance.now();
  const resolve = createCachedResolve({ askNameServers: createAskNameServers({ ipv6, servers: nameServers }), now });
  const pool = keepAlive ? createConnectionPool({ now }) : undefined;
  const post = createPost({
    checkUrl: createUrlGate({ ipv6, allow }),
    findAddresses: createFindAddresses({ isAllowed, resolve }),
    openSocket: createOpenSocket({ isAllowed, tlsOptions: createTlsOptions(ca) }),
    pool,
    now,
  });
  return { post, closeConnections: () => pool?.close() };
}
