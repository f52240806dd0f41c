import { isIP } from 'node:net';
import { DestinationBlockedError, LookupFailedError } from './connection-errors.js';
import type { ResolvedAddress } from './ask-name-servers.js';
import type { Resolve } from './cached-resolve.js';

/**
 * All addresses of a URL's host, each of them permitted.
 * @throws LookupFailedError if there is none, DestinationBlockedError if any of them is not permitted.
 */
export type FindAddresses = (host: string) => Promise<readonly ResolvedAddress[]>;

export interface FindAddressesDeps {
  /** Whether an address may be connected to. */
  readonly isAllowed: (address: string) => boolean;
  readonly resolve: Resolve;
}

export function createFindAddresses({ isAllowed, resolve }: FindAddressesDeps): FindAddresses {
  return async (host) => {
    const addresses = addressOf(host) ?? (await resolve(host).catch(() => []));
    if (addresses.length === 0) throw new LookupFailedError();
    if (!addresses.every(({ address }) => isAllowed(address))) throw new DestinationBlockedError();
    return addresses;
  };
}

/** A host that is an address itself; a URL writes IPv6 in brackets. */
function addressOf(host: string): ResolvedAddress[] | undefined {
  const address = host.replace(/^\[(.*)\]$/, '$1');
  const family = isIP(address);
  return family === 4 || family === 6 ? [{ address, family }] : undefined;
}
