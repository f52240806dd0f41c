import { BlockList, isIP } from 'node:net';

/** IANA special-purpose registry (RFC 6890 and successors), plus the platform address of Azure (168.63.129.16). */
const IPV4_REFUSED = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '168.63.129.16/32',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];
/** Only global unicast can be public: mapped, compatible, NAT64, unique local and link local addresses lie outside it. */
const IPV6_CONSIDERED = ['2000::/3'];
/** Teredo and other protocol assignments, documentation, 6to4, AS112. */
const IPV6_REFUSED = ['2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20'];

type Family = 'ipv4' | 'ipv6';

/** A valid IP network in CIDR notation. */
export interface Cidr {
  readonly address: string;
  readonly prefix: number;
  readonly family: Family;
}

/** Exceptions from the public-address rule. Only demos and tests set any. */
export interface OutboundAllow {
  /** Also allow plain http. */
  readonly http: boolean;
  /** Allow names on any port. Addresses inside `cidrs` may always have any port. */
  readonly anyPort: boolean;
  readonly cidrs: readonly Cidr[];
}

export const NOTHING_ALLOWED: OutboundAllow = { http: false, anyPort: false, cidrs: [] };

const familyOf = (address: string): Family | undefined =>
  (({ 0: undefined, 4: 'ipv4', 6: 'ipv6' }) as const)[isIP(address) as 0 | 4 | 6];

/**
 * Reads an IP network such as `10.0.0.0/8`. An address without a prefix length is a network of one address.
 *
 * @throws TypeError if the text is not an IP network.
 */
export function parseCidr(text: string): Cidr {
  const [address = '', length, ...rest] = text.split('/');
  const family = address.includes('%') ? undefined : familyOf(address);
  const bits = family === 'ipv4' ? 32 : 128;
  const prefix = length === undefined ? bits : Number(length);
  const digits = length === undefined || /^\d{1,3}$/.test(length);
  if (family === undefined || rest.length > 0 || !digits || prefix > bits) throw new TypeError('not an IP network');
  return { address, prefix, family };
}

/** One list for each family. A mixed BlockList matches `::ffff:127.0.0.1` by its IPv4 rules; an allow list must not do that. */
function createNetworkMatcher(cidrs: readonly Cidr[]): (address: string) => boolean {
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const { address, prefix, family } of cidrs) lists[family].addSubnet(address, prefix, family);
  return (address) => {
    const family = familyOf(address);
    return family !== undefined && !address.includes('%') && lists[family].check(address, family);
  };
}

const isRefused = createNetworkMatcher([...IPV4_REFUSED, ...IPV6_REFUSED].map(parseCidr));
const isConsidered = createNetworkMatcher(IPV6_CONSIDERED.map(parseCidr));

/** Whether an address belongs to the public internet. False for every text that is not a plain address. */
export function isPublicAddress(address: string): boolean {
  const family = familyOf(address);
  if (family === undefined || isRefused(address)) return false;
  return family === 'ipv4' || isConsidered(address);
}

export interface AddressPolicy {
  /** Whether a delivery may connect to this address. */
  readonly isAllowed: (address: string) => boolean;
  /** Whether the configuration exempts this address from the public-address rule. */
  readonly isExempt: (address: string) => boolean;
}

/** Allows public addresses (IPv6 only if `ipv6` is set) and the configured exemptions. */
export function createAddressPolicy({ ipv6, allow }: { ipv6: boolean; allow: OutboundAllow }): AddressPolicy {
  const isExempt = createNetworkMatcher(allow.cidrs);
  return {
    isExempt,
    isAllowed: (address) => isExempt(address) || ((ipv6 || familyOf(address) === 'ipv4') && isPublicAddress(address)),
  };
}
