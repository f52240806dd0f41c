import {
  request as startRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';

export interface EdgeDeps {
  /** URL of the API, such as `http://127.0.0.1:8080`. */
  readonly upstream: string;
  /** Returns the account of a bearer token, undefined if the token is not valid. */
  readonly verifyToken: (token: string) => string | undefined;
}

/**
 * Behaves like Kong in front of the API. Only requests to `/v1/` with exactly one valid bearer token pass, and the
 * account comes from the token. The token and all identity headers of the client are removed.
 */
export const createEdgeListener =
  ({ upstream, verifyToken }: EdgeDeps): RequestListener =>
  (request, response) => {
    if (!request.url?.startsWith('/v1/')) return refuse(response, 404, 'no Route matched with those values');
    const [authorization = '', ...more] = request.headersDistinct['authorization'] ?? [];
    const [, token = ''] = /^bearer ([\w.-]+)$/i.exec(authorization) ?? [];
    const accountId = more.length === 0 ? verifyToken(token) : undefined;
    if (accountId === undefined) return refuse(response, 401, 'Unauthorized');
    forward({ request, response, upstream, headers: replaceIdentityHeaders(request.headers, accountId) });
  };

const identityHeader = /^(?:authorization|x[-_](?:account|consumer|credential|anonymous)[-_].*)$/i;

const replaceIdentityHeaders = (headers: IncomingHttpHeaders, accountId: string): IncomingHttpHeaders => ({
  ...Object.fromEntries(Object.entries(headers).filter(([name]) => !identityHeader.test(name))),
  'x-account-id': accountId,
});

interface ForwardInput {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly upstream: string;
  readonly headers: IncomingHttpHeaders;
}

const forward = ({ request, response, upstream, headers }: ForwardInput): void => {
  const { hostname, port } = new URL(upstream);
  // The unchanged path: resolved as a URL, a path such as `//elsewhere/` would select another host.
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
