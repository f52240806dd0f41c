import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request as startRequest, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createEdgeListener } from '../../../local/edge/create-edge-listener.js';
import { signToken } from '../../../local/edge/sign-token.js';
import { verifyToken } from '../../../local/edge/verify-token.js';
import { startEdge } from '../../../local/edge.js';

const accountId = '0b5d6c1e-7f3a-4b6e-9a44-0d3c51f0a111';
const listening = async (server: Server): Promise<string> => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

describe('a token', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const rules = { publicKey, kid: 'k1', issuer: 'https://idp.example/', audience: 'api' };
  const claims = { iss: rules.issuer, aud: rules.audience, account_id: accountId, exp: 1_000 };
  const token = (changed: object = {}, key: { kid: string; privateKey: KeyObject } = { kid: 'k1', privateKey }) =>
    signToken({ ...claims, ...changed }, key);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const [, body] = token().split('.');

  test('names its account until it expires', () => {
    expect(verifyToken(token(), rules, 999)).toBe(accountId);
    expect(verifyToken(token({ account_id: accountId.toUpperCase() }), rules, 999)).toBe(accountId);
    expect(verifyToken(token(), rules, 1_000)).toBeUndefined();
  });

  const publicPem = publicKey.export({ type: 'spki', format: 'pem' });
  const renamed = `${part({ alg: 'RS512', kid: 'k1' })}.${body}`;
  const renamedSignature = sign('sha256', Buffer.from(renamed), privateKey).toString('base64url');
  const confused = `${part({ alg: 'HS256', kid: 'k1' })}.${body}`;
  test.each([
    ['of another issuer', token({ iss: 'https://evil.example/' })],
    ['for another audience', token({ aud: 'other' })],
    ['without an end', token({ exp: undefined })],
    ['without an account', token({ account_id: undefined })],
    ['whose account is no UUID', token({ account_id: `${accountId}, x` })],
    [
      'of another key',
      token({}, { kid: 'k1', privateKey: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey }),
    ],
    ['that names another key', token({}, { kid: 'k2', privateKey })],
    ['that names another algorithm', `${renamed}.${renamedSignature}`],
    ['without a signature', `${part({ alg: 'none', kid: 'k1' })}.${body}.`],
    [
      'signed with the public key as a password',
      `${confused}.${createHmac('sha256', publicPem).update(confused).digest('base64url')}`,
    ],
    [
      'whose claims were changed',
      token().replace(`${body}`, part({ ...claims, account_id: accountId.replace('0', '1') })),
    ],
    ['that is no token', 'a.b.c'],
    ['that is empty', ''],
  ])('%s is refused', (_what, refused) => {
    expect(verifyToken(refused, rules, 999)).toBeUndefined();
  });
});

describe('the edge', () => {
  let seen: IncomingMessage[] = [];
  const api = createServer((request, response) => {
    seen.push(request);
    void text(request).then((body) => response.writeHead(201, { location: '/v1/x' }).end(`got ${body}`));
  });
  const edge = createServer();
  let url: string;
  beforeAll(async () => {
    const upstream = await listening(api);
    edge.on(
      'request',
      createEdgeListener({ upstream, verifyToken: (token) => (token === 'good' ? accountId : undefined) }),
    );
    url = await listening(edge);
  });
  beforeEach(() => {
    seen = [];
  });
  afterAll(() => {
    for (const server of [api, edge]) server.close().closeAllConnections();
  });
  const ask = async (path: string, headers: Record<string, string | string[]>, body = '') => {
    const { hostname, port } = new URL(url);
    const request = startRequest({ hostname, port, path, method: 'POST', headers }).end(body);
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    return { status: answer.statusCode, headers: answer.headers, body: await text(answer) };
  };

  test('passes a request on with the account of its token, and the answer back', async () => {
    const answer = await ask('/v1/webhooks?limit=1', { authorization: 'Bearer good' }, 'body');
    expect(answer).toMatchObject({ status: 201, headers: { location: '/v1/x' }, body: 'got body' });
    expect(seen[0]).toMatchObject({ url: '/v1/webhooks?limit=1', method: 'POST' });
    expect(seen[0]?.headersDistinct['x-account-id']).toEqual([accountId]);
  });

  test('removes the identity headers of the client and the token', async () => {
    const claims = {
      'X-Account-Id': ['evil', 'worse'],
      X_Account_Id: 'evil',
      'X-Consumer-Username': 'evil',
      'X-Mine': '1',
    };
    await ask('/v1/webhooks', { authorization: 'Bearer good', ...claims });
    expect(seen[0]?.headersDistinct).toMatchObject({ 'x-account-id': [accountId], 'x-mine': ['1'] });
    expect(seen[0]?.rawHeaders.join()).not.toMatch(/evil|good/);
  });

  test.each([
    ['no token', {}],
    ['a bad token', { authorization: 'Bearer bad' }],
    ['another scheme', { authorization: 'Basic good' }],
    ['two tokens', { authorization: ['Bearer good', 'Bearer good'] }],
  ])('answers 401 itself to %s', async (_what, headers) => {
    expect(await ask('/v1/webhooks', headers)).toMatchObject({ status: 401, body: '{"message":"Unauthorized"}' });
    expect(seen).toEqual([]);
  });

  test.each(['/metrics', '/', '//v1/', 'http://127.0.0.1:1/v1/webhooks'])('has no route for %s', async (path) => {
    expect((await ask(path, { authorization: 'Bearer good' })).status).toBe(404);
    expect(seen).toEqual([]);
  });

  test('answers 502 while the API is unavailable', async () => {
    const started = await startEdge('http://127.0.0.1:1');
    const headers = { authorization: `Bearer ${started.tokenFor(accountId)}` };
    expect((await fetch(`${started.url}/v1/webhooks`, { headers })).status).toBe(502);
    await started.stop();
    await expect(fetch(started.url)).rejects.toThrow();
  });
});
