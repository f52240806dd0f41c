import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { listenHttp, type HttpListener } from '../../../bin/process/listen-http.js';
import { createOpenApiDocument } from '../../../contracts/rest/openapi/create-openapi-document.js';
import type { Operation } from '../../../contracts/rest/operations/operation.js';
import { OPERATIONS } from '../../../contracts/rest/operations/operations.js';
import { listProblemCodes } from '../../../contracts/rest/operations/list-problem-codes.js';
import { PROBLEMS, problemSchema } from '../../../contracts/rest/problem.js';
import { createApiWorld } from '../../support/api-world.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { pathOf, routesOfApi, someone, type Route } from '../../support/api-routes.js';
import { arbitraryRequest, type ArbitraryRequest } from '../../support/arbitrary-request.js';
import { SEED } from '../../unit/fuzz/seed.js';

/** Number of requests per operation. */
const TIMES = Number(process.env['FUZZ_TIMES'] ?? 60);
/** After this many requests the account and its resources are created anew, to replace used and removed ones. */
const FRESH = 6;

type Ids = Readonly<Record<string, string>>;

let api: TestApi;
let world: ReturnType<typeof createApiWorld>;
let listening: HttpListener;
let foreign: Ids;
beforeAll(async () => {
  api = await startTestApi({ requestsPerMinute: 1_000_000 });
  api.replay = () => Promise.resolve({ kind: 'replaying', workflowId: 'wh-1' });
  world = createApiWorld(api);
  listening = await listenHttp({ app: api.app, host: '127.0.0.1', port: 0 });
  foreign = await someone(world, randomUUID());
});
afterAll(async () => {
  await listening.close();
  await api.close();
});

const document = createOpenApiDocument(OPERATIONS);
const described = ({ method, path }: Operation) => document.paths[path.replace(/:(\w+)/g, '{$1}')]![method]!;

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Uses Node's own client: others repair or refuse a wrong request. */
const send = (route: Route, request: ArbitraryRequest, own: Ids) =>
  new Promise<Answer>((resolve, reject) => {
    const accounts = { own: own['account']!, none: [], garbage: 'x', twice: [own['account']!, foreign['account']!] };
    const path = `${pathOf(route, idsFor(route, request, own))}${request.query === '' ? '' : `?${request.query}`}`;
    const outgoing = httpRequest({ host: '127.0.0.1', port: listening.port, method: route.method, path });
    for (const [name, value] of Object.entries(request.headers)) outgoing.setHeader(name, value);
    if (request.account !== 'none') outgoing.setHeader('x-account-id', accounts[request.account]);
    if (request.body !== undefined) outgoing.setHeader('content-length', request.body.length);
    outgoing.once('error', reject).once('response', (incoming) => {
      const { statusCode: status = 0, headers } = incoming;
      text(incoming).then((body) => resolve({ status, headers, body }), reject);
    });
    outgoing.end(request.body);
  });

function idsFor({ things }: Route, { ids }: ArbitraryRequest, own: Ids): Ids {
  const other = { own, foreign, unknown: undefined, garbage: undefined }[ids];
  if (other !== undefined) return other;
  return Object.fromEntries(things.map((thing) => [thing, ids === 'unknown' ? randomUUID() : '%00']));
}

/** The parts of a response that the document does not allow. */
function surprises(operation: Operation, { status, headers, body }: Answer): unknown[] {
  const said = described(operation).responses[String(status)];
  if (said === undefined) return [`the status ${status} is not documented`, body];
  const missing = Object.keys(said.headers ?? {}).filter((name) => headers[name.toLowerCase()] === undefined);
  const wanted = operation.successResponses[status];
  if (wanted !== undefined) {
    const parsed = wanted.body === undefined ? body === '' : wanted.body.safeParse(JSON.parse(body)).success;
    return [...missing, ...(parsed ? [] : ['the body is another', body])];
  }
  const problem = problemSchema.parse(JSON.parse(body));
  const known = listProblemCodes(operation).includes(problem.code) && PROBLEMS[problem.code].status === status;
  return [...missing, ...(known && headers['content-type']?.startsWith('application/problem+json') ? [] : [body])];
}

const routes = new Map(routesOfApi().map((route) => [route.route, route]));
const CASES = OPERATIONS.map((operation) => ({
  operation,
  route: routes.get(`${operation.method.toUpperCase()} ${operation.path}`)!,
}));

describe.each(CASES)('$operation.operationId', ({ operation, route }) => {
  test(`answers as documented, whatever it is sent (seed ${SEED})`, async () => {
    const statuses = new Set<number>();
    let own = await someone(world, randomUUID());
    let count = 0;
    const property = fc.asyncProperty(
      arbitraryRequest(described(operation), document.components.schemas),
      async (request) => {
        if (++count % FRESH === 0) own = await someone(world, randomUUID());
        const answer = await send(route, request, own);
        statuses.add(answer.status);
        expect(surprises(operation, answer)).toEqual([]);
        expect(answer.status).toBeLessThan(500);
      },
    );
    await fc.assert(property, { seed: SEED, numRuns: TIMES });
    // If every request were refused, the test would prove nothing.
    expect(
      Object.keys(operation.successResponses)
        .map(Number)
        .filter((status) => statuses.has(status)),
    ).not.toEqual([]);
  });
});
