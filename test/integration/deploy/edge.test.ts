import { createServer, request as startRequest, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createPublicKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createEdgeListener } from '../../../local/edge/create-edge-listener.js';
import { verifyToken } from '../../../local/edge/verify-token.js';
import { EDGE_CASES, type EdgeRequest } from '../../unit/deploy/kong/edge-requests.js';
import { AUDIENCE, createIdentityProvider, ISSUER, KEY_ID } from '../../unit/deploy/kong/identity-provider.js';

const now = Math.floor(Date.now() / 1_000);
const idp = createIdentityProvider(now);
const servers: Server[] = [];
const received: string[][] = [];
let edgePort: number;

const listen = async (listener: RequestListener): Promise<number> => {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
};

/** Headers and path go out as they are given. */
const ask = ({ method, path, headers }: EdgeRequest): Promise<number> =>
  new Promise((resolve, reject) => {
    const raw = [['Host', 'api.example.com'], ...headers].flat();
    const request = startRequest({ host: '127.0.0.1', port: edgePort, method, path, headers: raw, agent: false });
    request.on('error', reject).on('response', (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    });
    request.end();
  });

beforeAll(async () => {
  const port = await listen((request, response) => {
    received.push(request.rawHeaders);
    response.end();
  });
  const rules = { publicKey: createPublicKey(idp.publicKey), kid: KEY_ID, issuer: ISSUER, audience: AUDIENCE };
  const accountOf = (token: string) => verifyToken(token, rules, now);
  edgePort = await listen(createEdgeListener({ upstream: `http://127.0.0.1:${port}`, verifyToken: accountOf }));
});

afterAll(() => {
  for (const server of servers) server.close().closeAllConnections();
});

describe('the demo’s edge, asked as Kong is', () => {
  test.each(EDGE_CASES.filter(({ kongOnly }) => kongOnly === undefined))('$title', async ({ request, outcome }) => {
    received.length = 0;
    const status = await ask(request(idp));
    if (typeof outcome === 'string') {
      expect(outcome === 'no route' ? [404] : [401, 403]).toContain(status);
      expect(received).toEqual([]);
      return;
    }
    const raw = received.flat();
    const identity = raw.flatMap((name, at) =>
      at % 2 === 0 && /account|consumer|authorization/i.test(name) ? [[name.toLowerCase(), raw[at + 1]]] : [],
    );
    expect(identity).toEqual([['x-account-id', outcome.account]]);
  });
});
