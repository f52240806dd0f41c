import { z } from 'zod';
import { NOTHING_ALLOWED } from '../../domain/security/address-policy.js';
import { parseOutboundAllow } from '../../domain/security/outbound-allow.js';
import { defineGroup } from '../group.js';
import { flag, onOff, pattern, wholeNumber } from '../text-forms.js';
import { defaulted, notInProduction, optional } from '../variable.js';

const allow = {
  schema: z.string().transform((text, context) => {
    try {
      return parseOutboundAllow(text);
    } catch {
      context.addIssue({ code: 'invalid_value', values: [], input: text });
      return z.NEVER;
    }
  }),
  expected: 'a list of http, any-port and networks like http,127.0.0.0/8',
};

const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-fA-F:]+\])(?::\d{1,5})?$/;

const nameServers = {
  schema: z
    .string()
    .transform((list) => list.split(',').map((server) => server.trim()))
    .pipe(z.array(z.string().regex(ADDRESS))),
  expected: 'a list of address[:port] like 127.0.0.1:5353',
};

const trustCa = pattern(/^-----BEGIN CERTIFICATE-----/, 'certificates in PEM form');

/** The addresses that may be reached. The API refuses URLs that the dispatcher would not deliver to. */
export const outboundGroup = defineGroup({
  variables: {
    OUTBOUND_ALLOW: notInProduction(defaulted(allow, NOTHING_ALLOWED), 'opens private networks to customers'),
    OUTBOUND_IPV6: defaulted(flag, false),
    // Tests and measurements only: their receivers have certificates and names of their own.
    OUTBOUND_TRUST_CA: notInProduction(optional(trustCa), 'adds an authority that customer certificates may come from'),
    OUTBOUND_NAME_SERVERS: notInProduction(optional(nameServers), 'asks other name servers than the system'),
  },
  build: (v) => ({
    allow: v.OUTBOUND_ALLOW,
    ipv6: v.OUTBOUND_IPV6,
    trustCa: v.OUTBOUND_TRUST_CA,
    nameServers: v.OUTBOUND_NAME_SERVERS,
  }),
});

const permits = wholeNumber({ min: 1, max: 1_000, unit: 'concurrent requests' });

/** The limit of a pod's concurrent requests, and its division into lanes. */
export const lanesGroup = defineGroup({
  variables: {
    FAST_LANE: defaulted(permits, 14),
    SLOW_LANE: defaulted(permits, 6),
    OUTBOUND_LIMIT: defaulted(permits, 20),
  },
  rules: ({ FAST_LANE: fast, SLOW_LANE: slow, OUTBOUND_LIMIT: limit }) => {
    if (fast === undefined || slow === undefined || limit === undefined || fast + slow <= limit) return [];
    const wrong = `and SLOW_LANE are ${fast} + ${slow}`;
    return [{ name: 'FAST_LANE', wrong, expected: `at most OUTBOUND_LIMIT (${limit}) together` }];
  },
  build: (v) => ({ fast: v.FAST_LANE, slow: v.SLOW_LANE }),
});

/** What becomes of a connection to a receiver after its request. */
export const connectionsGroup = defineGroup({
  variables: { OUTBOUND_KEEP_ALIVE: defaulted(onOff, true) },
  build: (v) => ({ keepAlive: v.OUTBOUND_KEEP_ALIVE }),
});
