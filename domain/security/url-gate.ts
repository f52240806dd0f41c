import { isIP } from 'node:net';
import { createAddressPolicy, NOTHING_ALLOWED, type AddressPolicy, type OutboundAllow } from './address-policy.js';

export type UrlRefusal =
  | 'not_a_string'
  | 'length'
  | 'character'
  | 'shape'
  | 'scheme'
  | 'userinfo'
  | 'fragment'
  | 'malformed'
  | 'port'
  | 'address'
  | 'single_label'
  | 'label'
  | 'suffix';

export type UrlVerdict =
  /** `url` is the canonical form to store. The addresses of a `name` are checked at connect time. */
  { ok: true; url: string; kind: 'literal' | 'name' } | { ok: false; reason: UrlRefusal };

export type UrlGate = (text: unknown) => UrlVerdict;

const MAX_LENGTH = 2048;
const MAX_HOST_LENGTH = 253;
// Control characters, space and backslash: URL parsers drop or rewrite them differently, so two parsers may see two hosts.
const hasUnsafeCharacter = (text: string) =>
  Array.from(text).some((character) => character <= ' ' || character === '\u007f' || character === '\\');
const SHAPE = /^https?:\/\/[^/?#]/i;
const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** Special-use top labels (RFC 6761, RFC 8375, RFC 9476) and common names of private networks and clusters. */
const REFUSED_TOP_LABELS = new Set([
  'alt',
  'arpa',
  'corp',
  'example',
  'home',
  'internal',
  'intranet',
  'invalid',
  'lan',
  'local',
  'localdomain',
  'localhost',
  'onion',
  'private',
  'svc',
  'test',
]);

const refuse = (reason: UrlRefusal): UrlVerdict => ({ ok: false, reason });

/**
 * Creates the syntax check for customer URLs. It runs when an endpoint is written and before every attempt. It resolves no names:
 * their addresses are checked at connect time.
 *
 * Numeric, octal, hexadecimal, full-width and percent-encoded forms of addresses need no code here: the WHATWG parser normalizes
 * them, and only the parsed host is checked.
 */
export function createUrlGate({
  ipv6 = false,
  allow = NOTHING_ALLOWED,
}: { ipv6?: boolean; allow?: OutboundAllow } = {}): UrlGate {
  const addresses = createAddressPolicy({ ipv6, allow });
  return (text) => {
    const reason = findTextRefusal(text, allow);
    if (reason !== undefined) return refuse(reason);
    const url = parseUrl(text as string);
    if (url === undefined) return refuse('malformed');
    return checkHost(url, { addresses, allow });
  };
}

/**
 * Does not use `URL.canParse`: after Node 20 and 22 compile its fast path, it treats Latin-1 letters (`bücher`) as broken UTF-8 and
 * disagrees with the parser.
 */
function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** Checks the text before parsing, because parsing hides these faults. */
function findTextRefusal(text: unknown, allow: OutboundAllow): UrlRefusal | undefined {
  if (typeof text !== 'string') return 'not_a_string';
  if (text.length > MAX_LENGTH) return 'length';
  if (hasUnsafeCharacter(text)) return 'character';
  if (!SHAPE.test(text)) return 'shape';
  if (/^http:/i.test(text) && !allow.http) return 'scheme';
  // An empty userinfo (https://@host) leaves no trace after parsing.
  if (readAuthority(text).includes('@')) return 'userinfo';
  if (text.includes('#')) return 'fragment';
  return undefined;
}

const readAuthority = (text: string) => text.slice(text.indexOf('//') + 2).split(/[/?#]/, 1)[0] ?? '';

function checkHost(url: URL, { addresses, allow }: { addresses: AddressPolicy; allow: OutboundAllow }): UrlVerdict {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const literal = isIP(host) !== 0;
  const anyPort = literal ? addresses.isExempt(host) : allow.anyPort;
  // The parser leaves the port empty if it is the scheme's default port.
  if (url.port !== '' && !anyPort) return refuse('port');
  if (literal) return addresses.isAllowed(host) ? accept(url, 'literal') : refuse('address');

  const name = host.replace(/\.$/, '');
  const reason = findNameRefusal(name);
  if (reason !== undefined) return refuse(reason);
  url.hostname = name;
  return accept(url, 'name');
}

const accept = (url: URL, kind: 'literal' | 'name'): UrlVerdict =>
  url.href.length > MAX_LENGTH ? refuse('length') : { ok: true, url: url.href, kind };

function findNameRefusal(name: string): UrlRefusal | undefined {
  const labels = name.split('.');
  if (labels.length < 2) return 'single_label';
  if (name.length > MAX_HOST_LENGTH || !labels.every((label) => LABEL.test(label))) return 'label';
  return REFUSED_TOP_LABELS.has(labels.at(-1) ?? '') ? 'suffix' : undefined;
}
