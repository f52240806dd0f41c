/**
 * What a host may be, said once more and differently: with numbers instead of lists of networks, without `node:net` and without
 * the code under test. Only canonical hosts are read, as an accepted URL has them.
 */

/** Network and length of its prefix, as numbers. */
const V4_REFUSED: readonly (readonly [network: number, bits: number])[] = [
  [0x00000000, 8],
  [0x0a000000, 8],
  [0x64400000, 10],
  [0x7f000000, 8],
  [0xa83f8110, 32],
  [0xa9fe0000, 16],
  [0xac100000, 12],
  [0xc0000000, 24],
  [0xc0000200, 24],
  [0xc01fc400, 24],
  [0xc034c100, 24],
  [0xc0586300, 24],
  [0xc0a80000, 16],
  [0xc0af3000, 24],
  [0xc6120000, 15],
  [0xc6336400, 24],
  [0xcb007100, 24],
  [0xe0000000, 3],
];

const isPublicV4 = (host: string): boolean => {
  const address = host.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  return V4_REFUSED.every(([network, bits]) => Math.floor((address - network) / 2 ** (32 - bits)) !== 0);
};

function groupsOf(host: string): number[] {
  const [head = '', tail] = host.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':').map((group) => parseInt(group, 16)));
  const [before, after] = [groups(head), groups(tail ?? '')];
  const missing = tail === undefined ? 0 : 8 - before.length - after.length;
  return [...before, ...Array<number>(missing).fill(0), ...after];
}

/** Group by group (RFC 4291 §2.4, RFC 6890): the first three bits are 001, and it is none of the special blocks. */
function isPublicV6(host: string): boolean {
  const [a = 0, b = 0, c = 0] = groupsOf(host);
  const special: Record<number, boolean> = {
    [0x2001]: b < 0x200 || b === 0xdb8,
    [0x2002]: true,
    [0x2620]: b === 0x4f && c === 0x8000,
    [0x3fff]: b < 0x1000,
  };
  return a >>> 13 === 1 && !special[a];
}

/** RFC 6761, RFC 8375, RFC 9476, and what clusters and offices use. */
const INSIDE =
  'alt arpa corp example home internal intranet invalid lan local localdomain localhost onion private svc test';

const isPublicName = (host: string): boolean => {
  const labels = host.split('.');
  const wellFormed = labels.every((label) => /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/.test(label));
  const top = labels.at(-1) ?? '';
  const numeric = /^\d+$/.test(top) || /^0x[0-9a-f]*$/.test(top);
  return wellFormed && labels.length > 1 && host.length <= 253 && !numeric && !INSIDE.split(' ').includes(top);
};

const FORM = /^https:\/\/(?:\[(?<v6>[0-9a-f:]+)\]|(?<v4>[\d.]+)|(?<name>[^/:@?#\\\s[\]]+))\/[\x21-\x7e]*$/;

/** Whether such a canonical URL may be accepted, with the defaults or with IPv6 on. */
export function mayBeAccepted(url: string, { ipv6 }: { ipv6: boolean }): boolean {
  const { v6, v4, name } = FORM.exec(url)?.groups ?? {};
  if (url.length > 2048 || url.includes('#')) return false;
  if (v6 !== undefined) return ipv6 && isPublicV6(v6);
  if (v4 !== undefined) return /^\d+(\.\d+){3}$/.test(v4) && isPublicV4(v4);
  return name !== undefined && isPublicName(name);
}
