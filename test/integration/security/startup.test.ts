import { afterEach, describe, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { packageRoot } from '../../../local/process/package-root.js';
import { eventually } from '../../support/eventually.js';

const children: ChildProcess[] = [];
const servers: Server[] = [];
afterEach(() => {
  for (const child of children.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
  for (const server of servers.splice(0)) server.close();
});

interface Started {
  readonly script?: string;
  readonly env?: Record<string, string>;
  readonly execArgv?: readonly string[];
  readonly as?: { readonly uid: number; readonly gid: number } | undefined;
}

/** The built programs that the images start. */
function start({ script = 'bin/api.js', env = {}, execArgv = [], as }: Started) {
  const file = join(packageRoot(), 'dist', script);
  const child = spawn(process.execPath, [...execArgv, file], { cwd: '/', env, ...as });
  children.push(child);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { child, ended, output: () => output };
}

/** As root, the test starts the process as user 65534, which has no privileges; otherwise as the current user. */
const unprivileged = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : undefined;
const nothingThere = 'postgres://hook_svc:password@127.0.0.1:1/platform';
const PRODUCTION = {
  NODE_ENV: 'production',
  DATABASE_URL: nothingThere,
  NATS_URL: 'nats://127.0.0.1:1',
  TEMPORAL_ADDRESS: '127.0.0.1:1',
  KMS_KEY_ID: 'arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555',
  AWS_REGION: 'eu-central-1',
  HTTP_HOST: '127.0.0.1',
  HTTP_PORT: '0',
  INTERNAL_HOST: '127.0.0.1',
  INTERNAL_PORT: '0',
};
const EX_CONFIG = 78;

describe.each(['bin/api.js', 'bin/dispatcher.js', 'bin/migrate.js', 'bin/setup.js'])('%s in production', (script) => {
  test('refuses everything that would weaken it, and says so at once', async () => {
    const env = {
      ...PRODUCTION,
      NODE_TLS_REJECT_UNAUTHORIZED: '0',
      SSL_CERT_FILE: '/x',
      SSL_CERT_DIR: '/x',
      NODE_USE_ENV_PROXY: '1',
      https_proxy: 'http://127.0.0.1:1',
      NODE_OPTIONS: '--tls-min-v1.0',
    };
    const refused = start({ script, env, execArgv: ['--inspect=127.0.0.1:0', '--insecure-http-parser'] });
    expect(await refused.ended).toBe(EX_CONFIG);
    const named = [...refused.output().matchAll(/^ {2}(\S+) /gm)].map(([, name]) => name).sort();
    const expected = ['NODE_OPTIONS', 'NODE_TLS_REJECT_UNAUTHORIZED', 'NODE_USE_ENV_PROXY', 'SSL_CERT_DIR'];
    if (process.getuid?.() === 0) expected.push('uid');
    expect(named).toEqual([...expected, 'SSL_CERT_FILE', 'https_proxy', 'node', 'node'].sort());
  });
});

test('NODE_EXTRA_CA_CERTS, another key service and a way into private networks are refused in production', async () => {
  const env = {
    NODE_EXTRA_CA_CERTS: '/x',
    KMS_ENDPOINT: 'http://127.0.0.1:1',
    OUTBOUND_ALLOW: 'http,127.0.0.0/8',
    OUTBOUND_TRUST_CA: '-----BEGIN CERTIFICATE-----',
    OUTBOUND_NAME_SERVERS: '127.0.0.1',
  };
  const refused = start({ script: 'bin/dispatcher.js', env: { ...PRODUCTION, ...env }, as: unprivileged });
  expect(await refused.ended).toBe(EX_CONFIG);
  for (const name of Object.keys(env)) expect(refused.output()).toContain(`  ${name} `);
  expect(refused.output()).not.toContain('  uid ');
});

test('a plain start in production is not refused', async () => {
  const api = start({ env: PRODUCTION, as: unprivileged });
  await eventually(() => Promise.resolve(api.output().includes('"msg":"listening"')));
  api.child.kill('SIGTERM');
  expect(await api.ended).toBe(0);
});

test('SIGUSR1 does not open a debugger', async () => {
  const api = start({ env: { ...PRODUCTION, NODE_ENV: 'test' } });
  await eventually(() => Promise.resolve(api.output().includes('"msg":"listening"')));
  api.child.kill('SIGUSR1');
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(api.output()).not.toMatch(/debugger/i);
  api.child.kill('SIGTERM');
  expect(await api.ended).toBe(0);
});

/** Counts connections and closes each without an answer. */
async function listen(): Promise<{ port: number; connections: () => number }> {
  let count = 0;
  const server = createServer((socket) => {
    count += 1;
    socket.destroy();
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, connections: () => count };
}

test('HTTP-08 a customer’s request does not go through a proxy of the environment', async () => {
  const [proxy, receiver] = [await listen(), await listen()];
  const code = `
    const { createGuardedPost } = await import(process.argv[1] + '/outbound/guarded-post.js');
    const { parseOutboundAllow } = await import(process.argv[1] + '/domain/security/outbound-allow.js');
    const allow = parseOutboundAllow('http,127.0.0.0/8');
    const { post } = createGuardedPost({ ca: '', ipv6: false, allow, keepAlive: true });
    const endpoint = { webhookId: 'w', revision: 1 };
    await post({ endpoint, url: 'http://127.0.0.1:${receiver.port}/', body: Buffer.from('{}'), headers: {} });
    await post({ endpoint, url: 'https://127.0.0.1:${receiver.port}/', body: Buffer.from('{}'), headers: {} });`;
  const url = `http://127.0.0.1:${proxy.port}`;
  const proxies = { HTTP_PROXY: url, HTTPS_PROXY: url, ALL_PROXY: url, http_proxy: url, https_proxy: url };
  const args = ['--input-type=module', '--eval', code, join(packageRoot(), 'dist')];
  const child = spawn(process.execPath, args, { env: { ...proxies, NODE_USE_ENV_PROXY: '1' }, stdio: 'inherit' });
  children.push(child);
  expect((await once(child, 'exit'))[0]).toBe(0);
  expect([proxy.connections(), receiver.connections()]).toEqual([0, 2]);
});
