import { Resolver } from 'node:dns/promises';

export type ResolvedAddress = { address: string; family: 4 | 6 };

/** All addresses of a name; none when it cannot be resolved, whatever the reason. Never consults the hosts file. */
export type Resolve = (host: string) => Promise<ResolvedAddress[]>;

export type ResolveOptions = {
  ipv6: boolean;
  /** `address[:port]`; the system's name servers when absent. */
  servers?: readonly string[] | undefined;
};

/**
 * Resolves through c-ares. `dns.lookup` would occupy the four threads that file and crypto work share: a few customers
 * with silent name servers would stall every lookup of the process. c-ares applies no search domains here, so a name
 * cannot turn into one of the cluster's own.
 */
export function createResolve({ ipv6, servers }: ResolveOptions): Resolve {
  const resolver = new Resolver({ timeout: 1000, tries: 2 });
  if (servers !== undefined) resolver.setServers(servers);
  return async (host) => {
    const [v4, v6] = await Promise.allSettled([resolver.resolve4(host), ipv6 ? resolver.resolve6(host) : []]);
    const found: ResolvedAddress[] = [];
    if (v4.status === 'fulfilled') found.push(...v4.value.map((address) => ({ address, family: 4 as const })));
    if (v6.status === 'fulfilled') found.push(...v6.value.map((address) => ({ address, family: 6 as const })));
    return found;
  };
}
