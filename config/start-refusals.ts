import type { ConfigProblem } from './config-error.js';
import type { Environment } from './environment.js';

/** How the process was started, as far as the environment does not say it. */
export interface NodeRuntime {
  /** `process.execArgv`: the options given to Node itself. */
  readonly execArgv?: readonly string[] | undefined;
  /** Of the user that runs the process; absent where the system knows none. */
  readonly uid?: number | undefined;
}

const TRUST = 'changes what every connection trusts';
const DETOUR = 'sends traffic another way';
const DISCLOSURE = 'makes Node write down what it handles';

/** What each of these does behind our back. Names are compared without regard to case: proxies come in both. */
const VARIABLES: Readonly<Record<string, string>> = {
  NODE_TLS_REJECT_UNAUTHORIZED: TRUST,
  NODE_EXTRA_CA_CERTS: TRUST,
  SSL_CERT_FILE: TRUST,
  SSL_CERT_DIR: TRUST,
  OPENSSL_CONF: TRUST,
  NODE_USE_ENV_PROXY: DETOUR,
  // Customers' requests ignore them, the Temporal client of the API follows them.
  HTTP_PROXY: DETOUR,
  HTTPS_PROXY: DETOUR,
  ALL_PROXY: DETOUR,
  GRPC_PROXY: DETOUR,
  // What KMS_ENDPOINT is refused for, by the SDK's own names.
  AWS_ENDPOINT_URL: DETOUR,
  AWS_ENDPOINT_URL_KMS: DETOUR,
  NODE_DEBUG: DISCLOSURE,
  NODE_DEBUG_NATIVE: DISCLOSURE,
  NODE_V8_COVERAGE: DISCLOSURE,
};

/** Debuggers, lenient parsers, weaker TLS, and whatever writes memory or keys to files. */
const OPTION = new RegExp(
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

/** What production refuses to start with, whatever the configuration says. */
export function findStartRefusals(env: Environment, { execArgv = [], uid }: NodeRuntime = {}): ConfigProblem[] {
  return [
    ...Object.entries(env).flatMap(([name, value]) => variableRefusals(name, value ?? '')),
    ...optionRefusals('node', 'was started with', execArgv),
    ...(uid === 0 ? [{ name: 'uid', wrong: 'is 0', expected: 'a user without privileges in production' }] : []),
  ];
}

function variableRefusals(name: string, value: string): ConfigProblem[] {
  if (name === 'NODE_OPTIONS') return optionRefusals(name, 'has', value.replace(/["\\]/g, '').split(/\s+/));
  const wrong = VARIABLES[name.toUpperCase()];
  if (wrong === undefined || value === '') return [];
  return [{ name, wrong, expected: 'it unset in production' }];
}

const optionRefusals = (name: string, has: string, options: readonly string[]): ConfigProblem[] =>
  options
    // Node reads --inspect_brk=0 as --inspect-brk; the value is nobody's business here.
    .map((option) => option.replace(/=.*/s, '').replaceAll('_', '-'))
    .filter((option) => OPTION.test(option))
    .map((option) => ({ name, wrong: `${has} ${option}`, expected: 'no such option in production' }));
