import { NOTHING_ALLOWED, parseCidr, type OutboundAllow } from './address-policy.js';

/**
 * Reads `OUTBOUND_ALLOW`, a comma-separated list of `http`, `any-port` and networks: `http,127.0.0.0/8`.
 * Empty or absent allows nothing.
 *
 * @throws TypeError on any other text: a typing error must not change the reachable addresses silently.
 */
export function parseOutboundAllow(text: string | undefined): OutboundAllow {
  const parts = (text ?? '').split(',').map((part) => part.trim());
  return parts.filter((part) => part !== '').reduce(addPart, NOTHING_ALLOWED);
}

function addPart(allow: OutboundAllow, part: string): OutboundAllow {
  if (part === 'http') return { ...allow, http: true };
  if (part === 'any-port') return { ...allow, anyPort: true };
  return { ...allow, cidrs: [...allow.cidrs, parseCidr(part)] };
}
