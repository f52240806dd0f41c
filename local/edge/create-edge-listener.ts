import {
  request as startRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';

export interface EdgeDeps {
  /** Where the API listens, such as `http://127.0.0.1:8080`. */
  readonly upstream: string;
  /** The account of a bearer token, undefined when the token is not to be believed. */
  readonly verifyToken: (token: string) => string | undefined;
}

/**
 * What Kong does in front of the API: only `/v1/` passes, only with one valid bearer token, and the account is the token's:
 * whatever a client itself says about who it is goes no further, and neither does the token.
 */
export const createEdgeListener =
  ({ upstream, verifyToken }: EdgeDeps): RequestListener =>
  (request, response) => {
    if (!request.url?.startsWith('/v1/')) return refuse(response, 404, 'no Route matched with those values');
    const [authorization = '', ...more] = request.headersDistinct['authorization'] ?? [];
    const [, token = ''] = /^bearer ([\w.-]+)$/i.exec(authorization) ?? [];
    const accountId = more.length === 0 ? verifyToken(token) : undefined;
    if (accountId === undefined) return refuse(response, 401, 'Unauthorized');
    forward({ request, response, upstream, headers: vouchedFor(request.headers, accountId) });
  };

const identityHeader = /^(?:authorization|x[-_](?:account|consumer|credential|anonymous)[-_].*)$/i;

const vouchedFor = (headers: IncomingHttpHeaders, accountId: string): IncomingHttpHeaders => ({
  ...Object.fromEntries(Object.entries(headers).filter(([name]) => !identityHeader.test(name))),
  'x-account-id': accountId,
});

interface Forwarding {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly upstream: string;
  readonly headers: IncomingHttpHeaders;
}

const forward = ({ request, response, upstream, headers }: Forwarding): void => {
  const { hostname, port } = new URL(upstream);
  // The path as it came: resolved as a URL, `//elsewhere/` would choose another host.
  const onward = startRequest({ hostname, port, path: request.url, method: request.method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', () => (response.headersSent ? response.destroy() : refuse(response, 502, 'Bad Gateway')));
  response.on('close', () => onward.destroy());
  request.pipe(onward);
};

const refuse = (response: ServerResponse, status: number, message: string): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ message }));
};
