import fc, { type Arbitrary } from 'fast-check';
import { gzipSync } from 'node:zlib';
import type { OpenApiOperation, OpenApiParameter } from '../../contracts/rest/openapi/openapi-document.js';
import type { JsonSchema } from '../../contracts/rest/openapi/tidy-schema.js';
import { arbitraryValue, type Schemas } from './arbitrary-value.js';

/** The owners of the account and ids in a request. */
export const WHOSE = ['own', 'foreign', 'unknown', 'garbage'] as const;

export interface ArbitraryRequest {
  /** True if no part of it is wrong on purpose. */
  readonly valid: boolean;
  readonly account: 'own' | 'none' | 'garbage' | 'twice';
  readonly ids: (typeof WHOSE)[number];
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

const often = <T>(usual: Arbitrary<T>, odd: Arbitrary<T>, weight = 6): Arbitrary<T> =>
  fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: odd });

/** Half of the requests follow the document; in the others each part may be wrong. */
export function arbitraryRequest(operation: OpenApiOperation, schemas: Schemas): Arbitrary<ArbitraryRequest> {
  const good = partsOf(operation, schemas);
  const valid = fc.record({
    valid: fc.constant(true),
    account: fc.constant('own' as const),
    ids: fc.constant('own' as const),
    ...good,
  });
  const mixed = fc.record({
    valid: fc.constant(false),
    account: often(fc.constant('own' as const), fc.constantFrom('none', 'garbage', 'twice')),
    ids: often(fc.constant('own' as const), fc.constantFrom(...WHOSE), 2),
    query: often(good.query, anyQuery(operation), 2),
    headers: fc.tuple(good.headers, anyHeaders(operation)).map(([usual, odd]) => ({ ...usual, ...odd })),
    body: fc.oneof(good.body, anyBody(operation, schemas)),
  });
  // A body may be compressed with gzip, so this is not a mistake.
  return fc.tuple(fc.oneof(valid, mixed), fc.boolean()).map(([request, zipped]) => (zipped ? zip(request) : request));
}

const zip = (request: ArbitraryRequest): ArbitraryRequest =>
  request.body === undefined
    ? request
    : { ...request, body: gzipSync(request.body), headers: { ...request.headers, 'content-encoding': 'gzip' } };

const toJson = (value: unknown): Buffer | undefined => Buffer.from(JSON.stringify(value));

/** Some of the fields. */
const anyOf = (fields: Record<string, Arbitrary<string>>): Arbitrary<Record<string, string>> =>
  fc.record(fields, { requiredKeys: [] }) as Arbitrary<Record<string, string>>;

const inPlace = ({ parameters = [] }: OpenApiOperation, place: OpenApiParameter['in']) =>
  parameters.filter((parameter) => parameter.in === place);

function partsOf(operation: OpenApiOperation, schemas: Schemas) {
  const values = (place: OpenApiParameter['in']) => {
    const all = inPlace(operation, place).map(({ name, schema, example }) => {
      const given = example === undefined ? arbitraryValue(schema, schemas) : fc.constant(example);
      return [name, given.map(String)] as const;
    });
    return anyOf(Object.fromEntries(all));
  };
  const [[type, { schema }] = ['', { schema: {} }]] = Object.entries(operation.requestBody?.content ?? {});
  const body = type === '' ? fc.constant(undefined) : arbitraryValue(schema, schemas).map(toJson);
  return {
    query: values('query').map((query) => new URLSearchParams(query).toString()),
    headers: values('header').map((headers) => (type === '' ? headers : { ...headers, 'content-type': type })),
    body: operation.requestBody?.required === true ? body : fc.option(body, { nil: undefined }),
  };
}

const anyQuery = (operation: OpenApiOperation) => {
  const name = fc.constantFrom('x', '__proto__', ...inPlace(operation, 'query').map((parameter) => parameter.name));
  const value = fc.oneof(fc.string(), fc.constantFrom('', '0', '-1', '101', '%', '%00', '%ff', '[]', '\u0000'));
  const pair = fc.tuple(name, value).map(([key, text]) => `${key}=${encodeURIComponent(text)}`);
  return fc.oneof(
    fc.array(pair, { minLength: 1, maxLength: 4 }).map((all) => all.join('&')),
    fc.constant('limit=%'),
  );
};

const TYPES = [
  'text/plain',
  'application/json; charset=utf-16',
  'application/json; charset=x',
  'multipart/form-data',
  '',
];

const anyHeaders = (operation: OpenApiOperation): Arbitrary<Record<string, string>> => {
  const names = inPlace(operation, 'header').map(({ name }) => name.toLowerCase());
  const text = fc.stringMatching(/^[!-~]{0,300}$/);
  return anyOf({
    'content-type': fc.constantFrom(...TYPES),
    'content-encoding': fc.constantFrom('gzip', 'br', 'identity', 'zstd', 'x'),
    accept: fc.constantFrom('text/html', 'x'),
    ...Object.fromEntries(names.map((name) => [name, text])),
  });
};

/** Raw bytes, unexpected JSON, and the expected JSON with one part replaced. */
const anyBody = ({ requestBody }: OpenApiOperation, schemas: Schemas): Arbitrary<Buffer | undefined> => {
  const [{ schema } = { schema: {} as JsonSchema }] = Object.values(requestBody?.content ?? {});
  const almost = fc
    .tuple(arbitraryValue(schema, schemas), fc.string(), fc.jsonValue(), fc.nat())
    .map(([value, key, odd, at]) => replaced(value, { key, odd, at }));
  return fc.oneof(
    almost.map(toJson),
    fc.jsonValue().map(toJson),
    fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
    fc.constantFrom(Buffer.from('{"url":"\\u0000"}'), Buffer.from(`"${'x'.repeat(17_000)}"`), undefined),
  );
};

function replaced(value: unknown, { key, odd, at }: { key: string; odd: unknown; at: number }): unknown {
  if (typeof value !== 'object' || value === null) return odd;
  const keys = [...Object.keys(value), key];
  return { ...value, [keys[at % keys.length]!]: odd };
}
