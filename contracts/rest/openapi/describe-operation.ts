import { EXAMPLE_REQUEST_ID, REQUEST_HEADERS, type ResponseHeader } from '../operations/headers.js';
import type { Answer, Operation } from '../operations/operation.js';
import { problemsOf } from '../operations/problems-of.js';
import { problemOf, PROBLEMS, problemSchema, type ProblemCode } from '../problem.js';
import type { Components } from './components.js';
import type { OpenApiOperation, OpenApiParameter, OpenApiResponse } from './openapi-document.js';

/** An OpenAPI operation object. What its schemas refer to is kept in `components`. */
export function describeOperation(operation: Operation, components: Components): OpenApiOperation {
  const { operationId, tag, summary, description, body, bodyOptional, mediaType = 'application/json' } = operation;
  const parameters = parametersOf(operation, components);
  const content = body && { [mediaType]: { schema: components.refer(body, 'input') } };
  return {
    ...{ operationId, tags: [tag], summary, description },
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(content === undefined ? {} : { requestBody: { required: bodyOptional !== true, content } }),
    responses: { ...answersOf(operation, components), ...refusalsOf(operation, components) },
  };
}

function parametersOf({ path, query, headers = [] }: Operation, components: Components): OpenApiParameter[] {
  const inPath = [...path.matchAll(/\/([a-z-]+)\/:(\w+)/g)].map(([, things = '', name = '']) => ({
    ...{ name, in: 'path' as const, required: true, schema: { type: 'string', format: 'uuid' } },
    description: `Id of the ${things.replace(/ies$/, 'y').replace(/s$/, '')}.`,
  }));
  const inQuery = query === undefined ? [] : components.fieldsOf(query, 'input');
  return [
    ...inPath,
    ...inQuery.map(({ name, required, schema: { description, ...schema } }) => ({
      ...{ name, in: 'query' as const, schema },
      ...(required ? { required } : {}),
      ...(typeof description === 'string' ? { description } : {}),
    })),
    ...headers.map((name) => ({ name, in: 'header' as const, ...REQUEST_HEADERS[name] })),
  ];
}

/** On every answer, whatever it says. */
const ALWAYS: readonly ResponseHeader[] = ['X-Request-Id'];
/** On every answer to a known account. */
const COUNTED: readonly ResponseHeader[] = ['RateLimit', 'RateLimit-Policy'];

const headersOf = (names: readonly ResponseHeader[]) =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));

function answersOf({ answers }: Operation, components: Components): Record<string, OpenApiResponse> {
  const describe = ({ description, body, headers = [] }: Answer): OpenApiResponse => ({
    description,
    headers: headersOf([...headers, ...ALWAYS, ...COUNTED]),
    ...(body === undefined ? {} : { content: { 'application/json': { schema: components.refer(body, 'output') } } }),
  });
  return Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, describe(answer)]));
}

/** One occurrence of a problem. */
const example = (code: ProblemCode) => ({
  requestId: EXAMPLE_REQUEST_ID,
  ...(code === 'invalid_request' ? { errors: [{ pointer: '/url', code: 'url_scheme' } as const] } : {}),
});

/** Statuses whose answers say when to come back. */
const LATER = [429, 503];

function refusalsOf(operation: Operation, components: Components): Record<string, OpenApiResponse> {
  const all = problemsOf(operation);
  const describe = (status: number, codes: readonly ProblemCode[]): OpenApiResponse => ({
    description: codes.map((code) => `\`${code}\`: ${PROBLEMS[code].title}`).join('\n\n'),
    headers: headersOf(LATER.includes(status) ? ['Retry-After', ...ALWAYS] : ALWAYS),
    content: {
      'application/problem+json': {
        schema: components.refer(problemSchema, 'output'),
        examples: Object.fromEntries(codes.map((code) => [code, { value: problemOf(code, example(code)) }])),
      },
    },
  });
  const statuses = new Set(all.map((code) => PROBLEMS[code].status));
  const answering = (status: number) => all.filter((code) => PROBLEMS[code].status === status);
  return Object.fromEntries([...statuses].map((status) => [status, describe(status, answering(status))]));
}
