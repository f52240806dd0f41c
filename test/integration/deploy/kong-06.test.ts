import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as plainRequest } from 'node:http';
import { request, type RequestOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { listenHttp, type HttpListener } from '../../../bin/process/listen-http.js';
import { createAuthority, type Certificate } from '../../support/certificates.js';

const folder = mkdtempSync(join(tmpdir(), 'kong-06-'));
const [clients, servers, strangers] = [createAuthority(), createAuthority(), createAuthority()];
let api: HttpListener;
let requests = 0;

beforeAll(async () => {
  const { cert, key } = servers.issue({ names: 'DNS:api.example' });
  const file = (name: string, content: string) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  api = await listenHttp({
    host: '127.0.0.1',
    port: 0,
    app: (_request, response) => {
      requests += 1;
      response.end();
    },
    tls: { caFile: file('ca', clients.ca), certFile: file('cert', cert), keyFile: file('key', key), client: 'kong' },
  });
});
afterAll(async () => {
  await api.close();
  rmSync(folder, { recursive: true });
});

const ask = (options: RequestOptions, over = request): Promise<number | string> =>
  new Promise((resolve) => {
    const trust = { ca: servers.ca, servername: 'api.example', host: '127.0.0.1', port: api.port, agent: false };
    over({ ...trust, ...options }, (response) => response.resume().on('end', () => resolve(response.statusCode ?? 0)))
      .on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'refused'))
      .end();
  });

test('KONG-06 Kong is let in', async () => {
  requests = 0;
  expect(await ask(clients.issue({ names: 'DNS:kong' }))).toBe(200);
  expect(requests).toBe(1);
});

test.each<[string, () => Partial<Certificate>]>([
  ['without a certificate', () => ({})],
  ['with a certificate of another authority', () => strangers.issue({ names: 'DNS:kong' })],
  ['with another name of the same authority', () => clients.issue({ names: 'DNS:prometheus' })],
  ['with a name that contains Kong’s', () => clients.issue({ names: 'DNS:kong.example,DNS:not-kong' })],
  ['with Kong’s name as another kind of name', () => clients.issue({ names: 'email:kong,URI:DNS:kong' })],
  ['with Kong’s name inside of another name', () => clients.issue({ names: '@names\n[names]\nURI.1=a, DNS:kong, b' })],
  ['with a name for everybody', () => clients.issue({ names: 'DNS:*,DNS:k*' })],
  ['with a key of 1,024 bits', () => clients.issue({ names: 'DNS:kong', rsaBits: 1024 })],
  ['with an expired certificate', () => clients.issue({ names: 'DNS:kong', days: -1 })],
])('KONG-06 a client %s reaches nothing', async (_, certificate) => {
  requests = 0;
  expect(typeof (await ask(certificate()))).toBe('string');
  expect(requests).toBe(0);
});

test('KONG-06 nor does one that speaks TLS 1.1 or none', async () => {
  requests = 0;
  const kong = clients.issue({ names: 'DNS:kong' });
  expect(await ask({ ...kong, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' })).toEqual(
    expect.any(String),
  );
  expect(await ask({}, plainRequest)).toEqual(expect.any(String));
  expect(requests).toBe(0);
});
