import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { createEdgeListener } from './edge/create-edge-listener.js';
import { signToken } from './edge/sign-token.js';
import { verifyToken } from './edge/verify-token.js';
import { freePort } from './process/free-port.js';

export interface Edge {
  /** `http://127.0.0.1:<port>`, the URL for customers. */
  readonly url: string;
  /** Creates a token as the identity provider does for a customer of this account; valid for twelve hours. */
  readonly tokenFor: (accountId: string) => string;
  readonly stop: () => Promise<void>;
}

const kid = 'demo';
const issuer = 'https://idp.example/';
const audience = 'webhooks-api';
const lifetimeSeconds = 12 * 3_600;

/**
 * Starts a stand-in for Kong and the identity provider in this process. It verifies JSON Web Tokens (RS256, a key pair
 * per run) and sends the account to the API at `upstream` in `X-Account-Id`.
 */
export const startEdge = async (upstream: string): Promise<Edge> => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const rules = { publicKey, kid, issuer, audience };
  const accountOf = (token: string) => verifyToken(token, rules, nowSeconds());
  const server = createServer(createEdgeListener({ upstream, verifyToken: accountOf }));
  const port = await freePort();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1' }, resolve);
  });
  return {
    url: `http://127.0.0.1:${port}`,
    tokenFor: (accountId) => {
      const claims = { iss: issuer, aud: audience, account_id: accountId, exp: nowSeconds() + lifetimeSeconds };
      return signToken(claims, { kid, privateKey });
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const nowSeconds = (): number => Math.floor(Date.now() / 1_000);
