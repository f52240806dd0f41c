import type { ConfigProblem } from './config-error.js';
import type { Environment } from './environment.js';

/** Start conditions of the process that are not in the environment. */
export interface NodeRuntime {
  /** `process.execArgv`: the options given to Node itself. */
  readonly execArgv?: readonly string[] | undefined;
  /** Id of the process's user; absent on a system without user ids. */
  readonly uid?: number | undefined;
}

const TRUST = 'changes the authorities or checks of every connection';
const DETOUR = 'redirects traffic';
const DISCLOSURE = 'makes Node write handled data to files or logs';

/** The effect of each variable, which Node or a library reads without our code. Names are compared without regard to case: proxy
 * variables exist in both. */
const REFUSED_VARIABLES: Readonly<Record<string, string>> = {
  NODE_TLS_REJECT_UNAUTHORIZED: TRUST,
  NODE_EXTRA_CA_CERTS: TRUST,
  SSL_CERT_FILE: TRUST,
  SSL_CERT_DIR: TRUST,
  OPENSSL_CONF: TRUST,
  NODE_USE_ENV_PROXY: DETOUR,
  // Requests to customers ignore them, but the Temporal client of the API obeys them.
  HTTP_PROXY: DETOUR,
  HTTPS_PROXY: DETOUR,
  ALL_PROXY: DETOUR,
  GRPC_PROXY: DETOUR,
  // The SDK's own variables with the effect of KMS_ENDPOINT, which production refuses too.
  AWS_ENDPOINT_URL: DETOUR,
  AWS_ENDPOINT_URL_KMS: DETOUR,
  NODE_DEBUG: DISCLOSURE,
  NODE_DEBUG_NATIVE: DISCLOSURE,
  NODE_V8_COVERAGE: DISCLOSURE,
};

/** Options for debuggers, lenient parsers and weaker TLS, and options that write memory or keys to files. */
const REFUSED_OPTION = new RegExp(
  `^--(?:${[
    'inspect',
    'debug-port',
    'insecure-http-parser',
    'tls-min-v1\\.[01]$',
    'tls-cipher-list',
    'tls-keylog',
    'trace-tls',
    'openssl-(?:config|legacy-provider|shared-config)',
    'security-revert',
    'use-env-proxy',
    'heapsnapshot-',
    'heap-prof',
    'cpu-prof',
    'report-',
    'abort-on-uncaught-exception',
  ].join('|')})`,
);

/** Variables, options and users with which production refuses to start, independent of the configuration. */
export function findStartRefusals(env: Environment, { execArgv = [], uid }: NodeRuntime = {}): ConfigProblem[] {
  return [
    ...Object.entries(env).flatMap(([name, value]) => findVariableRefusals(name, value ?? '')),
    ...findOptionRefusals('node', 'was started with', execArgv),
    ...(uid === 0 ? [{ name: 'uid', wrong: 'is 0', expected: 'a user without privileges in production' }] : []),
  ];
}

function findVariableRefusals(name: string, value: string): ConfigProblem[] {
  if (name === 'NODE_OPTIONS') return findOptionRefusals(name, 'has', value.replace(/["\\]/g, '').split(/\s+/));
  const wrong = REFUSED_VARIABLES[name.toUpperCase()];
  if (wrong === undefined || value === '') return [];
  return [{ name, wrong, expected: 'it unset in production' }];
}

const findOptionRefusals = (name: string, has: string, options: readonly string[]): ConfigProblem[] =>
  options
    // Node reads --inspect_brk=0 as --inspect-brk. The value may be private, so the message leaves it out.
    .map((option) => option.replace(/=.*/s, '').replaceAll('_', '-'))
    .filter((option) => REFUSED_OPTION.test(option))
    .map((option) => ({ name, wrong: `${has} ${option}`, expected: 'no such option in production' }));
