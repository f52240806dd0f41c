import { ACCOUNT, OTHER_ACCOUNT, type IdentityProvider, type TokenParts } from './identity-provider.js';

export interface EdgeRequest {
  readonly method: string;
  readonly path: string;
  /** As on the wire: in order, in their spelling, with duplicates. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

export interface EdgeCase {
  readonly title: string;
  readonly request: (idp: IdentityProvider) => EdgeRequest;
  /** `refused` is 401 or 403; `no route` is 404. Neither reaches the service. */
  readonly outcome: { readonly account: string } | 'refused' | 'no route';
  /** Why the stand-in of the demo differs. */
  readonly kongOnly?: string;
}

type Header = readonly [string, string];

const asking = (headers: readonly Header[], path = '/v1/webhooks', method = 'GET'): EdgeRequest => ({
  method,
  path,
  headers,
});
const bearer = (idp: IdentityProvider, parts?: TokenParts): Header => ['Authorization', `Bearer ${idp.token(parts)}`];
const accepted = { account: ACCOUNT };
const base64url = (text: string) => Buffer.from(text).toString('base64url');

const withToken = (title: string, parts: TokenParts | ((now: number) => TokenParts), more: Partial<EdgeCase> = {}) => ({
  title: `KONG-02 a token ${title}`,
  request: (idp: IdentityProvider) => asking([bearer(idp, typeof parts === 'function' ? parts(idp.now) : parts)]),
  outcome: 'refused' as const,
  ...more,
});

const withClaimed = (title: string, ...claimed: readonly Header[]): EdgeCase => ({
  title: `KONG-01 ${title} never reaches the service`,
  request: (idp) => asking([...claimed, bearer(idp), ...claimed]),
  outcome: accepted,
});

const withAuthorization = (title: string, headers: (idp: IdentityProvider) => readonly Header[]): EdgeCase => ({
  title: `KONG-02 refuses ${title}`,
  request: (idp) => asking(headers(idp)),
  outcome: 'refused',
});

const to = (path: string, more: Partial<EdgeCase> & { method?: string } = {}): EdgeCase => ({
  title: `KONG-05 ${more.method ?? 'GET'} ${path} ${more.outcome === undefined ? 'has no route' : 'is let through'}`,
  request: (idp) => asking([bearer(idp)], path, more.method),
  outcome: 'no route',
  ...more,
});

const LAX = 'the demo’s edge lets everything below /v1/ through; the API answers 404';
const LONG_LIVED = 'tokens of the demo live as long as a working day';

const CLAIMED = [
  withClaimed('a client’s own X-Account-Id', ['X-Account-Id', OTHER_ACCOUNT]),
  withClaimed('x-account-id in lower case', ['x-account-id', OTHER_ACCOUNT]),
  withClaimed('X-ACCOUNT-ID in upper case', ['X-ACCOUNT-ID', OTHER_ACCOUNT]),
  withClaimed('X_Account_Id with underscores', ['X_Account_Id', OTHER_ACCOUNT]),
  withClaimed('a list of account ids', ['X-Account-Id', `${OTHER_ACCOUNT}, ${ACCOUNT}`]),
  withClaimed('a consumer’s name', ['X-Consumer-Username', 'admin'], ['X-Consumer-Custom-Id', OTHER_ACCOUNT]),
];

const TOKENS: readonly EdgeCase[] = [
  withToken('of the identity provider is accepted', {}, { outcome: accepted }),
  withToken(
    'for several audiences is accepted',
    { claims: { aud: ['other', 'webhooks-api'] } },
    { outcome: accepted, kongOnly: 'the demo’s identity provider writes one audience' },
  ),
  withToken('that has expired is refused', (now) => ({ claims: { exp: now - 1 } })),
  withToken('without expiry is refused', { claims: { exp: undefined } }),
  withToken('whose expiry is text is refused', (now) => ({ claims: { exp: String(now + 600) } })),
  withToken('that lives for years is refused', (now) => ({ claims: { exp: now + 1e8 } }), { kongOnly: LONG_LIVED }),
  withToken('that is not valid yet is refused', (now) => ({ claims: { nbf: now + 300 } }), {
    kongOnly: 'the demo’s identity provider writes no nbf',
  }),
  withToken('of an unknown key is refused', { head: { kid: 'idp-1999-01' } }),
  withToken('without key id is refused', { head: { kid: undefined } }),
  withToken(
    'that names its key among the claims is refused',
    { claims: { kid: 'idp-2026-10' } },
    {
      kongOnly: 'the demo’s edge looks for the key in the header alone',
    },
  ),
  withToken(
    'with a null kid among the claims is refused',
    { claims: { kid: null } },
    {
      kongOnly: 'the demo’s edge looks for the key in the header alone',
    },
  ),
  withToken('signed by somebody else is refused', { by: 'stranger' }),
  withToken('with algorithm none is refused', { head: { alg: 'none' }, by: 'nobody' }),
  withToken('that says RS256 without signature is refused', { by: 'nobody' }),
  withToken('signed with the public key as a shared secret is refused', {
    head: { alg: 'HS256' },
    by: 'public key as secret',
  }),
  withToken('of another issuer is refused', { claims: { iss: 'https://idp.example.net/' } }),
  withToken('for another audience is refused', { claims: { aud: 'billing-api' } }),
  withToken('for audiences that only contain the name is refused', { claims: { aud: ['webhooks-api-admin'] } }),
  withToken('without account is refused', { claims: { account_id: undefined } }),
  withToken('with a list of accounts is refused', { claims: { account_id: [ACCOUNT] } }),
  withToken('with an object as account is refused', { claims: { account_id: { id: ACCOUNT } } }),
  withToken('with a null account is refused', { claims: { account_id: null } }),
  withToken('with a number as account is refused', { claims: { account_id: 42 } }),
  withToken('whose account is not a UUID is refused', { claims: { account_id: 'a'.repeat(36) } }),
  withToken('whose account has its hyphens elsewhere is refused', {
    claims: { account_id: '0190a1b20-000-7000-8000-00000000000a' },
  }),
  withToken('whose account ends in a line break is refused', { claims: { account_id: `${ACCOUNT}\n` } }),
  withToken('whose account hides a NUL is refused', { claims: { account_id: `${ACCOUNT.slice(0, -1)}\u0000` } }),
  withToken('whose claims are a list is refused', { payload: base64url('[]') }),
  withToken('whose claims are text is refused', { payload: base64url(`"${ACCOUNT}"`) }),
  withToken('whose claims are not JSON is refused', { payload: base64url('{"account_id":') }),
  withToken('whose claims are not base64 is refused', { payload: 'a' }),
];

const AUTHORIZATIONS = [
  withAuthorization('a request without token', () => []),
  withAuthorization('an empty Authorization', () => [['Authorization', '']]),
  withAuthorization('a token in a cookie', (idp) => [['Cookie', `jwt=${idp.token()}; authorization=${idp.token()}`]]),
  withAuthorization('another scheme', (idp) => [['Authorization', `Basic ${idp.token()}`]]),
  withAuthorization('a token with a fourth part', (idp) => [['Authorization', `Bearer ${idp.token()}.e30`]]),
  withAuthorization('two tokens in one header', (idp) => [['Authorization', `Bearer ${idp.token()}, Bearer x.y.z`]]),
  withAuthorization('two Authorization headers', (idp) => [bearer(idp), bearer(idp, { by: 'stranger' })]),
  withAuthorization('the same Authorization twice', (idp) => [bearer(idp), bearer(idp)]),
];

const tokenInQuery: EdgeCase = {
  title: 'KONG-02 refuses a token in the query',
  request: (idp) => asking([], `/v1/webhooks?jwt=${idp.token()}&access_token=${idp.token()}`),
  outcome: 'refused',
};

const VERIFIED: readonly EdgeCase[] = [
  {
    title: 'KONG-03 the header is the verified claim',
    request: (idp) => asking([bearer(idp, { claims: { account_id: OTHER_ACCOUNT } })]),
    outcome: { account: OTHER_ACCOUNT },
  },
  {
    title: 'KONG-03 the header is the verified claim in lower case',
    request: (idp) => asking([bearer(idp, { claims: { account_id: ACCOUNT.toUpperCase() } })]),
    outcome: accepted,
  },
];

const ROUTES: readonly EdgeCase[] = [
  to('/v1/webhooks', { outcome: accepted }),
  to('/v1/webhooks?limit=2&cursor=abc', { outcome: accepted }),
  to(`/v1/webhooks/${ACCOUNT}/deliveries`, { outcome: accepted }),
  to(`/v1/deliveries/${ACCOUNT}/retry`, { method: 'POST', outcome: accepted }),
  ...['/health', '/ready', '/metrics', '/', '/v2/webhooks', '/v1', '/v10/webhooks'].map((path) => to(path)),
  ...['/v1/', '/v1/webhooksx', '/v1/metrics', '/v1/webhooks/', '/V1/webhooks'].map((path) =>
    to(path, { kongOnly: LAX }),
  ),
  ...[
    '/v1/webhooks/../../metrics',
    '/v1/webhooks/%2e%2e/%2e%2e/metrics',
    '/v1/webhooks/..%2f..%2fmetrics',
    '/v1/webhooks%2f..%2f..%2fmetrics',
    '/v1/webhooks;/metrics',
    '/v1/webhooks/%00',
    '/v1/webhooks/%0ametrics',
  ].map((path) => to(path, { kongOnly: LAX })),
  ...['OPTIONS', 'TRACE'].map((method) => to('/v1/webhooks', { method, kongOnly: LAX })),
];

/** What an edge in front of the API must do with a request, in any implementation. */
export const EDGE_CASES: readonly EdgeCase[] = [
  ...CLAIMED,
  ...TOKENS,
  ...AUTHORIZATIONS,
  tokenInQuery,
  ...VERIFIED,
  ...ROUTES,
];
