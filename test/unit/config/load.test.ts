import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeConfig } from '../../../config/describe-config.js';
import { loadApiConfig } from '../../../config/load-api-config.js';
import { loadDispatcherConfig } from '../../../config/load-dispatcher-config.js';
import { loadMigrateConfig } from '../../../config/load-migrate-config.js';
import { loadSetupConfig } from '../../../config/load-setup-config.js';
import type { NodeRuntime } from '../../../config/start-refusals.js';
import { DEFAULT_RETRY_SCHEDULE } from '../../../domain/delivery/retry-schedule.js';

const KEY = 'arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555';
const required = {
  NODE_ENV: 'test',
  DATABASE_URL: 'postgres://hook_svc:canary-password@db:5433/platform',
  NATS_URL: 'nats://nats:4222',
  TEMPORAL_ADDRESS: 'temporal:7233',
  KMS_KEY_ID: KEY,
  AWS_REGION: 'eu-central-1',
};

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'config-'));
});
afterAll(() => rmSync(dir, { recursive: true }));
const file = (name: string, text: string) => {
  writeFileSync(join(dir, name), text);
  return join(dir, name);
};

const messageOf = (load: () => unknown): string => {
  try {
    load();
  } catch (error) {
    return (error as Error).message;
  }
  return '';
};
const refusal = (change: Record<string, string | undefined>) =>
  messageOf(() => loadDispatcherConfig({ ...required, ...change }));

describe('what a process runs with', () => {
  test('five variables are enough for a dispatcher, the rest has defaults', () => {
    const config = loadDispatcherConfig(required);
    expect(config).toMatchObject({
      process: { production: false, logLevel: 'info' },
      internal: { host: '0.0.0.0', port: 9090 },
      database: { url: 'postgres://hook_svc@db:5433/platform', poolMax: 10 },
      nats: { servers: ['nats://nats:4222'], stream: 'WEBHOOKS', durable: 'dispatcher', inboxPrefix: '_INBOX_wd' },
      temporal: { address: 'temporal:7233', namespace: 'default', taskQueue: 'webhook-deliveries' },
      kms: { keyArn: KEY, region: 'eu-central-1' },
      outbound: { ipv6: false, allow: { http: false, anyPort: false, cidrs: [] } },
      lanes: { fast: 14, slow: 6 },
      bridge: { maxInFlightMessages: 28, prefetchBufferMessages: 2_000 },
      delivery: { schedule: DEFAULT_RETRY_SCHEDULE },
    });
    expect(config.database.tls).toEqual({ ca: undefined });
    expect(config.database.password?.()).toBe('canary-password');
  });

  test('an empty variable is an absent one, and unknown ones are ignored', () => {
    const config = loadApiConfig({ ...required, HTTP_PORT: '', PATH: '/bin', WHATEVER: 'x' });
    expect(config.http.port).toBe(8080);
  });

  test('the other loaders ask for what they use only', () => {
    expect(loadMigrateConfig({ DATABASE_URL: required.DATABASE_URL }).database.tls).toEqual({ ca: undefined });
    const setup = loadSetupConfig({ NATS_URL: 'nats://a:1,nats://b:2', TEMPORAL_ADDRESS: '[::1]:7233' });
    expect(setup.nats).toMatchObject({ servers: ['nats://a:1', 'nats://b:2'], deadLetterStream: 'WEBHOOKS_DLQ' });
    expect(setup.nats.replicas).toBe(1);
  });

  test('a schedule is a list of durations in milliseconds', () => {
    const { delivery } = loadApiConfig({ ...required, RETRY_SCHEDULE: '0, 5s,5m,2h,100ms' });
    expect(delivery.schedule).toEqual([0, 5_000, 300_000, 7_200_000, 100]);
  });

  test('what may be reached is parsed by the rule that enforces it', () => {
    const { outbound } = loadApiConfig({ ...required, OUTBOUND_ALLOW: 'http,127.0.0.0/8', OUTBOUND_IPV6: 'true' });
    expect(outbound.ipv6).toBe(true);
    expect(outbound.allow).toMatchObject({ http: true, cidrs: [{ address: '127.0.0.0', prefix: 8 }] });
    expect(outbound).toMatchObject({ trustCa: undefined, nameServers: undefined });
  });

  test('tests and measurements may add an authority and choose the name servers', () => {
    const pem = '-----BEGIN CERTIFICATE-----\nAA==';
    const env = {
      OUTBOUND_TRUST_CA_FILE: file('trust', `${pem}\n`),
      OUTBOUND_NAME_SERVERS: '127.0.0.1:5353, [::1]:53',
    };
    const { outbound } = loadDispatcherConfig({ ...required, ...env });
    expect(outbound).toMatchObject({ trustCa: pem, nameServers: ['127.0.0.1:5353', '[::1]:53'] });
  });

  test('connections to receivers are kept unless that is switched off', () => {
    expect(loadDispatcherConfig(required).connections).toEqual({ keepAlive: true });
    const off = loadDispatcherConfig({ ...required, OUTBOUND_KEEP_ALIVE: 'off' });
    expect(off.connections).toEqual({ keepAlive: false });
  });

  test('the operator may raise the limit of concurrent requests, explicitly', () => {
    const raised = loadDispatcherConfig({ ...required, FAST_LANE: '30', SLOW_LANE: '10', OUTBOUND_LIMIT: '40' });
    expect(raised.lanes).toEqual({ fast: 30, slow: 10 });
  });

  test('X_FILE stands for X: passwords and certificates arrive as mounted files', () => {
    const config = loadMigrateConfig({
      DATABASE_URL: 'postgres://hook_migrate@db/platform',
      DATABASE_PASSWORD_FILE: file('password', 'from a file\n'),
      DATABASE_CA_FILE: file('ca', '-----BEGIN CERTIFICATE-----\nAA==\n'),
    });
    expect(config.database.password?.()).toBe('from a file');
    expect(config.database.tls).toEqual({ ca: '-----BEGIN CERTIFICATE-----\nAA==' });
  });

  test('mutual TLS is three readable files', () => {
    const [ca, cert, key] = ['ca.pem', 'cert.pem', 'key.pem'].map((name) => file(name, 'x'));
    const config = loadDispatcherConfig({ ...required, NATS_TLS_CA: ca, NATS_TLS_CERT: cert, NATS_TLS_KEY: key });
    expect(config.nats.tls).toEqual({ caFile: ca, certFile: cert, keyFile: key });
    expect(config.temporal.tls).toBeUndefined();
  });
});

describe('a refused value', () => {
  test.each([
    ['LOG_LEVEL', 'loud', 'LOG_LEVEL is "loud", expected one of trace, debug, info'],
    ['NODE_ENV', 'prod', 'NODE_ENV is "prod", expected one of development, test, production'],
    ['INTERNAL_PORT', '70000', 'INTERNAL_PORT is "70000", expected a whole number from 0 to 65535'],
    ['INTERNAL_PORT', '80a', 'INTERNAL_PORT is "80a"'],
    ['DATABASE_URL', undefined, 'DATABASE_URL is not set, expected postgres://'],
    ['DATABASE_URL', 'mysql://u:p@h/d', 'DATABASE_URL is not a postgres URL'],
    ['DATABASE_URL', 'postgres://h/d', 'DATABASE_URL lacks host, user or database'],
    ['DATABASE_URL', 'postgres://u:%ff@h/d', 'DATABASE_URL is not percent-encoded'],
    ['DATABASE_URL', 'postgres://u:p@h/d?sslmode=disable', 'use DATABASE_TLS and DATABASE_CA_FILE'],
    ['DATABASE_URL', 'postgres://u:p@h/d?uselibpqcompat=true', 'use DATABASE_TLS and DATABASE_CA_FILE'],
    ['DATABASE_URL', 'postgres://u:p@h/d?options=x', 'DATABASE_URL has parameters'],
    ['DATABASE_TLS', 'require', 'DATABASE_TLS is "require", expected one of verify-full, off'],
    ['DATABASE_POOL_MAX', '0', 'expected a whole number of connections from 1 to 100'],
    ['DATABASE_PASSWORD_FILE', '/does/not/exist', 'DATABASE_PASSWORD_FILE cannot be read (ENOENT)'],
    ['NATS_URL', 'nats://user:canary@h:4222', 'NATS_URL is set but not usable, expected nats://host:port'],
    ['NATS_TLS_CA', '/does/not/exist', 'NATS_TLS_CA names a file that cannot be read'],
    ['NATS_STREAM', 'a.b', 'NATS_STREAM is "a.b"'],
    ['NATS_DEADLETTER_SUBJECT', 'webhook.>', 'expected a NATS subject without wildcards'],
    ['TEMPORAL_ADDRESS', 'http://temporal', 'TEMPORAL_ADDRESS is "http://temporal", expected host:port'],
    ['KMS_KEY_ID', 'alias/hook', 'expected the ARN of a key (not of an alias)'],
    ['KMS_ENDPOINT', 'kms:8080', 'KMS_ENDPOINT is "kms:8080", expected an http(s) URL'],
    ['OUTBOUND_ALLOW', 'everything', 'OUTBOUND_ALLOW is "everything", expected a list of http, any-port and networks'],
    ['OUTBOUND_IPV6', 'yes', 'OUTBOUND_IPV6 is "yes", expected true or false'],
    ['OUTBOUND_TRUST_CA', '/ca.pem', 'OUTBOUND_TRUST_CA is "/ca.pem", expected certificates in PEM form'],
    ['OUTBOUND_TRUST_CA_FILE', '/does/not/exist', 'OUTBOUND_TRUST_CA_FILE cannot be read (ENOENT)'],
    ['OUTBOUND_NAME_SERVERS', 'dns.google', 'OUTBOUND_NAME_SERVERS is "dns.google", expected a list of address[:port]'],
    ['OUTBOUND_KEEP_ALIVE', 'true', 'OUTBOUND_KEEP_ALIVE is "true", expected on or off'],
    ['FAST_LANE', '15', 'FAST_LANE and SLOW_LANE are 15 + 6, expected at most OUTBOUND_LIMIT (20) together'],
    ['BRIDGE_MAX_IN_FLIGHT', '0', 'BRIDGE_MAX_IN_FLIGHT is "0"'],
    ['BRIDGE_WINDOW', '0', 'BRIDGE_WINDOW is "0"'],
    ['RETRY_SCHEDULE', '5 minutes', 'RETRY_SCHEDULE is "5 minutes", expected 1 to 20 delays'],
    ['RETRY_SCHEDULE', '0,169h', 'RETRY_SCHEDULE is "0,169h"'],
    ['RETRY_SCHEDULE', '0,,1s', 'RETRY_SCHEDULE is "0,,1s"'],
  ])('%s = %s', (name, value, expected) => {
    expect(refusal({ [name]: value })).toContain(expected);
  });

  test('a variable beside its file, and both kinds of JetStream prefix', () => {
    const both = { DATABASE_PASSWORD: 'a', DATABASE_PASSWORD_FILE: file('b', 'b') };
    expect(refusal(both)).toContain(
      'DATABASE_PASSWORD is set, and DATABASE_PASSWORD_FILE too, expected one of the two',
    );
    const prefixes = { NATS_JS_DOMAIN: 'hub', NATS_JS_API_PREFIX: '$JS.hub.API' };
    expect(refusal(prefixes)).toContain('NATS_JS_DOMAIN is set, and NATS_JS_API_PREFIX too');
  });

  test('a part of mutual TLS', () => {
    const cert = file('only-cert.pem', 'x');
    expect(refusal({ NATS_TLS_CERT: cert })).toContain('NATS_TLS is incomplete, expected NATS_TLS_CA, NATS_TLS_CERT');
    expect(refusal({ TEMPORAL_TLS_CERT: cert })).toContain('TEMPORAL_TLS is incomplete');
  });

  test('all at once, in one message, without any secret', () => {
    const message = messageOf(() =>
      loadDispatcherConfig({
        DATABASE_URL: 'postgres://hook_svc:canary-password@db/platform?sslmode=no-verify',
        NATS_URL: 'nats://user:canary-nats@h:1',
        LOG_LEVEL: 'loud',
        FAST_LANE: '19',
      }),
    );
    const named = message.match(/^ {2}[A-Z_0-9]+/gm)?.map((name) => name.trim());
    expect(named).toEqual([
      'LOG_LEVEL',
      'DATABASE_URL',
      'NATS_URL',
      'TEMPORAL_ADDRESS',
      'KMS_KEY_ID',
      'AWS_REGION',
      'FAST_LANE',
    ]);
    expect(message).not.toContain('canary');
  });
});

describe('in production', () => {
  const production = (change: Record<string, string>) => refusal({ NODE_ENV: 'production', ...change });

  test.each([
    ['DATABASE_TLS', 'off'],
    ['KMS_ENDPOINT', 'http://localhost:1'],
    ['OUTBOUND_ALLOW', 'http'],
    ['OUTBOUND_TRUST_CA', '-----BEGIN CERTIFICATE-----'],
    ['OUTBOUND_NAME_SERVERS', '127.0.0.1:53'],
    ['NODE_TLS_REJECT_UNAUTHORIZED', '0'],
    ['NODE_EXTRA_CA_CERTS', '/x'],
    ['SSL_CERT_FILE', '/x'],
    ['SSL_CERT_DIR', '/x'],
    ['OPENSSL_CONF', '/x'],
    ['AWS_ENDPOINT_URL', 'http://localhost:1'],
    ['AWS_ENDPOINT_URL_KMS', 'http://localhost:1'],
    ['NODE_DEBUG', 'http'],
    ['NODE_OPTIONS', '--inspect'],
    ['NODE_OPTIONS', '--max-old-space-size=512 "--inspect_brk=0.0.0.0:9229"'],
    ['NODE_OPTIONS', '--insecure-http-parser'],
    ['NODE_OPTIONS', '--tls-min-v1.0'],
    ['NODE_OPTIONS', '--tls-keylog=/tmp/keys'],
    ['NODE_OPTIONS', '--heapsnapshot-signal=SIGUSR2'],
    ['NODE_OPTIONS', '--report-on-signal'],
  ])('%s = %s is refused', (name, value) => {
    expect(production({ [name]: value })).toMatch(new RegExp(`^ {2}${name} .*production$`, 'm'));
    expect(refusal({ [name]: value })).toBe('');
  });

  test.each([
    'NODE_USE_ENV_PROXY',
    ...['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'GRPC_PROXY', 'http_proxy', 'https_proxy', 'all_proxy', 'grpc_proxy'],
  ])('HTTP-08 %s is refused', (name) => {
    expect(production({ [name]: 'http://127.0.0.1:1' })).toMatch(new RegExp(`^ {2}${name} .*production$`, 'm'));
    expect(refusal({ [name]: 'http://127.0.0.1:1' })).toBe('');
  });

  test('so is what Node was started with, and who runs it', () => {
    const started = (runtime: NodeRuntime, NODE_ENV = 'production') =>
      messageOf(() => loadApiConfig({ ...required, NODE_ENV }, runtime));
    const bad = { execArgv: ['--enable-source-maps', '--inspect=0.0.0.0:9229', '--report_on_fatalerror'], uid: 0 };
    expect(started(bad).split('\n').slice(1)).toEqual([
      '  node was started with --inspect, expected no such option in production',
      '  node was started with --report-on-fatalerror, expected no such option in production',
      '  uid is 0, expected a user without privileges in production',
    ]);
    expect(started(bad, 'development')).toBe('');
    expect(started({ execArgv: ['--enable-source-maps', '--max-old-space-size=512'], uid: 10_001 })).toBe('');
  });

  test('an authority of our own is refused from a file too', () => {
    const env = { OUTBOUND_TRUST_CA_FILE: file('own-authority', '-----BEGIN CERTIFICATE-----') };
    expect(production(env)).toContain('OUTBOUND_TRUST_CA adds an authority that customer certificates may come from');
    expect(refusal(env)).toBe('');
  });

  test('is what the environment means that does not say', () => {
    const { NODE_ENV: _said, ...silent } = required;
    expect(messageOf(() => loadDispatcherConfig({ ...silent, OUTBOUND_ALLOW: 'http' }))).toContain('in production');
    expect(loadDispatcherConfig({ ...silent, NODE_ENV: '' }).process.production).toBe(true);
  });

  test('nothing else is asked for', () => {
    expect(production({})).toBe('');
  });
});

describe('the listing printed at start', () => {
  test('shows everything but secrets', () => {
    const config = loadDispatcherConfig({ ...required, OUTBOUND_ALLOW: 'http,127.0.0.0/8', RETRY_SCHEDULE: '0,1s' });
    const listing = describeConfig(config);
    expect(listing).toMatchObject({
      'database.url': 'postgres://hook_svc@db:5433/platform',
      'database.password': 'configured',
      'outbound.allow.http': true,
      'outbound.allow.cidrs': '127.0.0.0/8',
      'delivery.schedule': '0,1000',
      'lanes.fast': 14,
    });
    expect(JSON.stringify(listing)).not.toContain('canary');
    expect(JSON.stringify(config)).not.toContain('canary');
  });

  test('shows that an authority is configured, not its certificate', () => {
    const pem = '-----BEGIN CERTIFICATE-----';
    expect(describeConfig(loadMigrateConfig({ ...required, DATABASE_CA: pem }))['database.tls.ca']).toBe('configured');
    for (const load of [loadDispatcherConfig, loadApiConfig]) {
      expect(describeConfig(load({ ...required, OUTBOUND_TRUST_CA: pem }))['outbound.trustCa']).toBe('configured');
      expect(describeConfig(load(required))).not.toHaveProperty(['outbound.trustCa']);
    }
  });
});
