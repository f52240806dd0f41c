import { EXAMPLE_REQUEST_ID, REQUEST_HEADERS, type ResponseHeader } from '../operations/headers.js';
import type { OperationResponse, Operation } from '../operations/operation.js';
import { listProblemCodes } from '../operations/list-problem-codes.js';
import { buildProblem, PROBLEMS, problemSchema, type ProblemCode } from '../problem.js';
import type { Components } from './components.js';
import type { OpenApiOperation, OpenApiParameter, OpenApiResponse } from './openapi-document.js';

/** An OpenAPI operation object. Definitions that its schemas refer to are kept in `components`. */
export function describeOperation(operation: Operation, components: Components): OpenApiOperation {
  const { operationId, tag, summary, description, body, bodyOptional, mediaType = 'application/json' } = operation;
  const parameters = describeParameters(operation, components);
  const content = body && { [mediaType]: { schema: components.refer(body, 'input') } };
  return {
    operationId,
    tags: [tag],
    summary,
    description,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(content === undefined ? {} : { requestBody: { required: bodyOptional !== true, content } }),
    responses: {
      ...describeSuccessResponses(operation, components),
      ...describeProblemResponses(operation, components),
    },
  };
}

function describeParameters({ path, query, headers = [] }: Operation, components: Components): OpenApiParameter[] {
  const inPath = [...path.matchAll(/\/([a-z-]+)\/:(\w+)/g)].map(([, things = '', name = '']) => ({
    name,
    in: 'path' as const,
    required: true,
    schema: { type: 'string', format: 'uuid' },
    description: `Id of the ${things.replace(/ies$/, 'y').replace(/s$/, '')}.`,
  }));
  const inQuery = query === undefined ? [] : components.listFieldsOf(query, 'input');
  return [
    ...inPath,
    ...inQuery.map(({ name, required, schema: { description, ...schema } }) => ({
      name,
      in: 'query' as const,
      schema,
      ...(required ? { required } : {}),
      ...(typeof description === 'string' ? { description } : {}),
    })),
    ...headers.map((name) => ({ name, in: 'header' as const, ...REQUEST_HEADERS[name] })),
  ];
}

/** On every response. */
const HEADERS_OF_EVERY_RESPONSE: readonly ResponseHeader[] = ['X-Request-Id'];
/** On every response to an identified account. */
const RATE_LIMIT_HEADERS: readonly ResponseHeader[] = ['RateLimit', 'RateLimit-Policy'];

const referToHeaders = (names: readonly ResponseHeader[]) =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));

function describeSuccessResponses(
  { successResponses }: Operation,
  components: Components,
): Record<string, OpenApiResponse> {
  const describe = ({ description, body, headers = [] }: OperationResponse): OpenApiResponse => ({
    description,
    headers: referToHeaders([...headers, ...HEADERS_OF_EVERY_RESPONSE, ...RATE_LIMIT_HEADERS]),
    ...(body === undefined ? {} : { content: { 'application/json': { schema: components.refer(body, 'output') } } }),
  });
  return Object.fromEntries(Object.entries(successResponses).map(([status, response]) => [status, describe(response)]));
}

/** Example values of a problem. */
const example = (code: ProblemCode) => ({
  requestId: EXAMPLE_REQUEST_ID,
  ...(code === 'invalid_request' ? { errors: [{ pointer: '/url', code: 'url_scheme' } as const] } : {}),
});

/** Statuses whose responses carry `Retry-After`. */
const STATUSES_WITH_RETRY_AFTER = [429, 503];

function describeProblemResponses(operation: Operation, components: Components): Record<string, OpenApiResponse> {
  const all = listProblemCodes(operation);
  const describe = (status: number, codes: readonly ProblemCode[]): OpenApiResponse => ({
    description: codes.map((code) => `\`${code}\`: ${PROBLEMS[code].title}`).join('\n\n'),
    headers: referToHeaders(
      STATUSES_WITH_RETRY_AFTER.includes(status)
        ? ['Retry-After', ...HEADERS_OF_EVERY_RESPONSE]
        : HEADERS_OF_EVERY_RESPONSE,
    ),
    content: {
      'application/problem+json': {
        schema: components.refer(problemSchema, 'output'),
        examples: Object.fromEntries(codes.map((code) => [code, { value: buildProblem(code, example(code)) }])),
      },
    },
  });
  const statuses = new Set(all.map((code) => PROBLEMS[code].status));
  const codesWithStatus = (status: number) => all.filter((code) => PROBLEMS[code].status === status);
  return Object.fromEntries([...statuses].map((status) => [status, describe(status, codesWithStatus(status))]));
}
