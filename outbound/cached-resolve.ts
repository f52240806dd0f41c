import { LRUCache } from 'lru-cache';
import type { AskNameServers, ResolvedAddress } from './ask-name-servers.js';

/** All addresses of a name; none when it cannot be resolved, for any reason. */
export type Resolve = (host: string) => Promise<readonly ResolvedAddress[]>;

/** A change of a name's addresses takes effect within this time, also where the time to live is longer. */
const MAX_TTL_MS = 5_000;
const MAX_NAMES = 10_000;

interface KnownAddresses {
  readonly addresses: readonly ResolvedAddress[];
  readonly expiresAtMs: number;
}

export interface CachedResolveDeps {
  readonly askNameServers: AskNameServers;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
}

/**
 * Keeps addresses for their time to live, at most five seconds, and asks once for all requests that want the same name at the
 * same time. That a name has no address is not kept: it may have been a moment's failure of its name server.
 */
export function createCachedResolve({ askNameServers, now }: CachedResolveDeps): Resolve {
  const known = new LRUCache<string, KnownAddresses>({ max: MAX_NAMES });
  const asking = new Map<string, Promise<readonly ResolvedAddress[]>>();

  async function askOnce(host: string): Promise<readonly ResolvedAddress[]> {
    try {
      const { addresses, ttlSeconds } = await askNameServers(host);
      if (addresses.length > 0) {
        known.set(host, { addresses, expiresAtMs: now() + Math.min(ttlSeconds * 1_000, MAX_TTL_MS) });
      }
      return addresses;
    } finally {
      asking.delete(host);
    }
  }

  return async (host) => {
    const kept = known.get(host);
    if (kept !== undefined && now() < kept.expiresAtMs) return kept.addresses;
    const answer = asking.get(host) ?? askOnce(host);
    asking.set(host, answer);
    return await answer;
  };
}
