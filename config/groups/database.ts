import { z } from 'zod';
import { defineGroup } from '../group.js';
import { oneOf, text, wholeNumber } from '../text-forms.js';
import { defaulted, optional, required, secret } from '../variable.js';

export interface DatabaseConfig {
  /** `postgres://user@host:port/database`, without password and parameters. */
  readonly url: string;
  /** A function, so that printing the configuration does not print the password. */
  readonly password: (() => string) | undefined;
  /** The authority's certificates in PEM form (absent: the system's authorities), or `false` for a server without TLS. */
  readonly tls: { readonly ca: string | undefined } | false;
  readonly poolMax: number;
}

const SSL_PARAMETERS_REFUSED =
  'has ssl parameters, which override our own TLS settings: use DATABASE_TLS and DATABASE_CA_FILE';

const databaseUrl = {
  schema: z.string().transform((value, context) => {
    const url = URL.canParse(value) ? new URL(value) : undefined;
    const fault = url === undefined ? 'is not a URL' : findUrlFault(url);
    if (url !== undefined && fault === undefined) return withoutPassword(url);
    context.addIssue({ code: 'custom', message: fault ?? 'is not a URL' });
    return z.NEVER;
  }),
  expected: 'postgres://user:password@host:port/database without parameters',
};

function withoutPassword(url: URL) {
  const password = decodeURIComponent(url.password);
  url.password = '';
  return { url: url.href, password: password === '' ? undefined : () => password };
}

/** Describes the fault without repeating any part of the URL. */
function findUrlFault(url: URL): string | undefined {
  const parameters = [...url.searchParams.keys()].map((key) => key.toLowerCase());
  if (parameters.some((key) => key.startsWith('ssl') || key === 'uselibpqcompat')) return SSL_PARAMETERS_REFUSED;
  if (parameters.length > 0) return 'has parameters';
  if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:') return 'is not a postgres URL';
  if (url.hostname === '' || url.username === '' || url.pathname.length < 2) return 'lacks host, user or database';
  return isDecodable(url.username + url.password + url.pathname) ? undefined : 'is not percent-encoded';
}

function isDecodable(text: string): boolean {
  try {
    return decodeURIComponent(text) !== '';
  } catch {
    return false;
  }
}

export const databaseGroup = defineGroup({
  variables: {
    DATABASE_URL: secret(required(databaseUrl)),
    DATABASE_PASSWORD: secret(optional(text('the password of the role'))),
    DATABASE_TLS: defaulted(oneOf('verify-full', 'off'), 'verify-full'),
    DATABASE_CA: optional(text('certificates in PEM form')),
    DATABASE_POOL_MAX: defaulted(wholeNumber({ min: 1, max: 100, unit: 'connections' }), 10),
  },
  rules: ({ DATABASE_TLS: tls }, { production }) =>
    production && tls === 'off'
      ? [{ name: 'DATABASE_TLS', wrong: 'is "off"', expected: 'verify-full in production' }]
      : [],
  build: (v): DatabaseConfig => {
    const password = v.DATABASE_PASSWORD;
    return {
      ...v.DATABASE_URL,
      password: password === undefined ? v.DATABASE_URL.password : () => password,
      tls: v.DATABASE_TLS === 'off' ? false : { ca: v.DATABASE_CA },
      poolMax: v.DATABASE_POOL_MAX,
    };
  },
});
