import { Resolver } from 'node:dns/promises';

export interface ResolvedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

export interface NameAnswer {
  readonly addresses: readonly ResolvedAddress[];
  /** The shortest of the records' times to live, in seconds; 0 without addresses. */
  readonly ttlSeconds: number;
}

/** Asks for a name's addresses, every time. An answer without addresses stands for every failure. */
export type AskNameServers = (host: string) => Promise<NameAnswer>;

export interface NameServerOptions {
  readonly ipv6: boolean;
  /** `address[:port]`; the system's name servers when absent. */
  readonly servers?: readonly string[] | undefined;
}

/**
 * Asks through c-ares, for both families at the same time. `dns.lookup` would occupy the four threads that file and crypto
 * work share: a few customers with silent name servers would stall every lookup of the process. c-ares applies no search
 * domains here, so a name cannot turn into one of the cluster's own, and does not consult the hosts file.
 */
export function createAskNameServers({ ipv6, servers }: NameServerOptions): AskNameServers {
  const resolver = new Resolver({ timeout: 1000, tries: 2 });
  if (servers !== undefined) resolver.setServers(servers);
  return async (host) => {
    const [v4, v6] = await Promise.allSettled([
      resolver.resolve4(host, { ttl: true }),
      ipv6 ? resolver.resolve6(host, { ttl: true }) : [],
    ]);
    const found = [...recordsOf(v4, 4), ...recordsOf(v6, 6)];
    const addresses = found.map(({ address, family }) => ({ address, family }));
    return { addresses, ttlSeconds: found.length === 0 ? 0 : Math.min(...found.map(({ ttl }) => ttl)) };
  };
}

interface AddressRecord {
  readonly address: string;
  /** Seconds. */
  readonly ttl: number;
}

const recordsOf = (settled: PromiseSettledResult<readonly AddressRecord[]>, family: 4 | 6) =>
  settled.status === 'fulfilled' ? settled.value.map((record) => ({ ...record, family })) : [];
