import { createAddressPolicy, type OutboundAllow } from '../domain/security/address-policy.js';
import { createUrlGate } from '../domain/security/url-gate.js';
import { createGuardedAgents } from './guarded-agent.js';
import { createPost, type Post } from './post.js';
import { createResolve } from './resolve.js';

export type GuardedPostOptions = {
  /** PEM bundle, usually `readTrustedCa()`. */
  ca: string;
  ipv6: boolean;
  allow: OutboundAllow;
  /** Name servers as `address[:port]`; the system's own when absent. */
  nameServers?: readonly string[] | undefined;
  /** Deliveries at once in this process; sockets are never fewer. */
  concurrency: number;
};

/** `post` with its guard: URL gate, c-ares resolution and the address check at connect time, all by the same rules. */
export function createGuardedPost({ ca, ipv6, allow, nameServers, concurrency }: GuardedPostOptions): Post {
  const { isAllowed } = createAddressPolicy({ ipv6, allow });
  const resolve = createResolve({ ipv6, servers: nameServers });
  const sockets = { maxSockets: concurrency, maxTotalSockets: concurrency * 2 };
  return createPost({
    checkUrl: createUrlGate({ ipv6, allow }),
    agentFor: createGuardedAgents({ ca, permits: isAllowed, resolve, ...sockets }),
  });
}
