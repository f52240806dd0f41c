import { describe, expect, test } from '@jest/globals';
import { routesOfApi } from '../../../support/api-routes.js';
import { EDGE_CASES, type EdgeRequest } from './edge-requests.js';
import { ACCOUNT, AUDIENCE, createIdentityProvider, ISSUER, KEY_ID, OTHER_ACCOUNT } from './identity-provider.js';
import { kongSource, placesIn, renderKong } from './kong-file.js';
import { createKongNode, PRIORITY } from './kong-node.js';

const NOW = 1_790_000_000;
const idp = createIdentityProvider(NOW);
const VALUES = {
  DECK_IDP_KEY_ID: KEY_ID,
  DECK_IDP_PUBLIC_KEY: idp.publicKey,
  DECK_UPSTREAM_CA: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
  DECK_API_HOST: 'api.example.com',
  DECK_REDIS_HOST: 'redis.example.com',
  DECK_IDP_ISSUER: ISSUER,
  DECK_IDP_AUDIENCE: AUDIENCE,
};
const source = kongSource();
const file = renderKong(source, VALUES);
const [service] = file.services;
const [route] = service!.routes;
const configOf = (name: string) => route!.plugins.find((plugin) => plugin.name === name)!.config;
const asked = (account: string, by: 'idp' | 'stranger' = 'idp'): EdgeRequest => ({
  method: 'GET',
  path: '/v1/webhooks',
  headers: [['Authorization', `Bearer ${idp.token({ claims: { account_id: account }, by })}`]],
});
const repeat = async (times: number, ask: () => Promise<{ status: number }>) => {
  const statuses: number[] = [];
  for (let n = 0; n < times; n++) statuses.push((await ask()).status);
  return statuses;
};

describe('deploy/kong/kong.yaml', () => {
  test.each(EDGE_CASES)('$title', async ({ request, outcome }) => {
    const { status, upstream } = await createKongNode(file, () => NOW)(request(idp));
    if (typeof outcome === 'string') {
      expect(outcome === 'no route' ? [404] : [401, 403]).toContain(status);
      expect(upstream).toBeUndefined();
    } else {
      const identity = upstream?.filter(([name]) => /account|consumer|authorization/i.test(name));
      expect(identity).toEqual([['X-Account-Id', outcome.account]]);
    }
  });

  test('KONG-02 the refusals of its own are problem documents', async () => {
    const { status, ...problem } = await createKongNode(file, () => NOW)({ ...asked(ACCOUNT), headers: [] });
    expect({ status, ...problem }).toEqual({ status: 401, code: 'token_missing', type: 'application/problem+json' });
  });

  test('KONG-04 the 61st request of a minute is refused, and another account is not concerned', async () => {
    let now = NOW - (NOW % 60);
    const kong = createKongNode(file, () => now);
    const statuses = await repeat(61, () => kong(asked(ACCOUNT)));
    expect([statuses.indexOf(429), (await kong(asked(OTHER_ACCOUNT))).status]).toEqual([60, 200]);
    now += 60;
    expect((await kong(asked(ACCOUNT))).status).toBe(200);
  });

  test('KONG-04 a forged token spends no account’s budget', async () => {
    const kong = createKongNode(file, () => NOW);
    expect(new Set(await repeat(61, () => kong(asked(ACCOUNT, 'stranger'))))).toEqual(new Set([401]));
    expect((await kong(asked(ACCOUNT))).status).toBe(200);
  });

  test('KONG-04 nodes count together', () => {
    expect(configOf('rate-limiting')).toMatchObject({ policy: 'redis', limit_by: 'header', error_code: 429 });
  });

  test('KONG-05 every path and method of the API has a route', () => {
    const routes = routesOfApi();
    expect(routes.length).toBeGreaterThan(5);
    for (const { path, method } of routes) {
      expect(path.replace(/:\w+/g, ACCOUNT)).toMatch(new RegExp(route!.paths[0]!.slice(1)));
      expect(route!.methods).toContain(method);
    }
  });

  test('KONG-06 Kong and the service show each other certificates, and no private key is in the file', () => {
    const [certificate] = file.certificates;
    expect(service).toMatchObject({ protocol: 'https', tls_verify: true });
    expect(service!.client_certificate.id).toBe(certificate!.id);
    expect(service!.ca_certificates).toEqual(file.ca_certificates.map(({ id }) => id));
    expect(file.ca_certificates[0]!.cert).toBe(VALUES.DECK_UPSTREAM_CA.trimEnd());
    expect(certificate!.key).toBe('{vault://env/upstream-key}');
    expect(source).not.toMatch(/PRIVATE KEY/);
  });

  test('KONG-05 there is one service, on the customers’ port, and no route besides', () => {
    expect(file.services.map(({ port, retries, routes }) => [port, retries, routes.length])).toEqual([[8080, 0, 1]]);
    expect(route).toMatchObject({ protocols: ['https'], hosts: ['api.example.com'], strip_path: false });
    expect(source).not.toContain('9090');
  });
});

describe('the order of the plugins', () => {
  test('is known for every one of them', () => {
    expect(route!.plugins.map(({ name }) => name).sort()).toEqual(Object.keys(PRIORITY).sort());
    expect(file.plugins).toBeUndefined();
  });

  test('KONG-02 tokens come from the Authorization header alone, are named by kid and expire within the hour', () => {
    expect(configOf('jwt')).toEqual({
      header_names: ['authorization'],
      uri_param_names: [],
      cookie_names: [],
      key_claim_name: 'kid',
      claims_to_verify: ['exp'],
      maximum_expiration: 3600,
      run_on_preflight: true,
    });
    expect(file.consumers.flatMap(({ jwt_secrets: keys }) => keys.map(({ algorithm }) => algorithm))).toEqual([
      'RS256',
    ]);
  });

  test('KONG-03 without the last function accounts are still apart', async () => {
    const plugins = route!.plugins.filter(({ name }) => name !== 'post-function');
    const kong = createKongNode({ ...file, services: [{ ...service!, routes: [{ ...route!, plugins }] }] }, () => NOW);
    const claimed = ['X-Account-Id', OTHER_ACCOUNT] as const;
    const { upstream } = await kong({ ...asked(ACCOUNT), headers: [claimed, ...asked(ACCOUNT).headers, claimed] });
    expect(upstream?.filter(([name]) => /account/i.test(name))).toEqual([['X-Account-Id', ACCOUNT]]);
  });

  test('KONG-03 the last function refuses a header that is not the verified token’s account', async () => {
    const plugins = route!.plugins.map((plugin) =>
      plugin.name === 'pre-function' ? { ...plugin, config: { access: [] } } : plugin,
    );
    const kong = createKongNode({ ...file, services: [{ ...service!, routes: [{ ...route!, plugins }] }] }, () => NOW);
    const { headers } = asked(ACCOUNT);
    const claimed = (account: string) => ({
      ...asked(ACCOUNT),
      headers: [['X-Account-Id', account] as const, ...headers],
    });
    expect((await kong(claimed(OTHER_ACCOUNT))).code).toBe('token_rejected');
    expect((await kong(claimed(ACCOUNT))).status).toBe(200);
  });
});

test('every value that a platform must give is used here', () => {
  expect(new Set(placesIn(source))).toEqual(new Set(Object.keys(VALUES)));
});
