/** Header fields of the API, each described once. Their schemas are JSON Schema, because header values are text. */
interface HeaderField {
  readonly description: string;
  readonly schema: { readonly type: 'string' | 'integer'; readonly format?: string; readonly maxLength?: number };
  readonly example?: string | number;
}

const field = (description: string, more: Partial<HeaderField> = {}): HeaderField => ({
  description,
  schema: { type: 'string' },
  ...more,
});

export const EXAMPLE_REQUEST_ID = '0f2a6c1e-7d63-4c58-9b8e-1f2d3c4b5a69';

export const RESPONSE_HEADERS = {
  'X-Request-Id': field('Identifies this request in our logs. Quote it when you ask for help.', {
    example: EXAMPLE_REQUEST_ID,
  }),
  'RateLimit-Policy': field('Number of requests (`q`) that an account may make in a window (`w`, seconds).', {
    example: '"account"; q=60; w=60',
  }),
  RateLimit: field('Remaining requests (`r`), and seconds until the window restarts (`t`).', {
    example: '"account"; r=59; t=60',
  }),
  'Retry-After': field('Seconds to wait before the next request.', { schema: { type: 'integer' }, example: 5 }),
  Location: field('Path of the resource that was created or that the request concerns.', {
    schema: { type: 'string', format: 'uri-reference' },
  }),
  ETag: field('Version of the resource. Send it in `If-Match` to change exactly this version.', {
    example: '"3-Qk1fF0xYb2c3d4e5"',
  }),
  'Idempotent-Replayed': field(
    '`true` if the `Idempotency-Key` was used before and this response repeats the earlier result.',
    {
      example: 'true',
    },
  ),
} as const satisfies Record<string, HeaderField>;

export const REQUEST_HEADERS = {
  'If-Match': field('An `ETag` from an earlier response. The change is refused if the resource has changed since.', {
    example: '"3-Qk1fF0xYb2c3d4e5"',
  }),
  'If-None-Match': field(
    'An `ETag` from an earlier response. If the resource has not changed since, the response is 304 without a body.',
    {
      example: '"3-Qk1fF0xYb2c3d4e5"',
    },
  ),
  'Idempotency-Key': field(
    'Any text, a new one for each resource that you create. Repeating a request with the same key is safe.',
    {
      schema: { type: 'string', maxLength: 255 },
      example: '5f0c2f1e-registration',
    },
  ),
} as const satisfies Record<string, HeaderField>;

export type ResponseHeader = keyof typeof RESPONSE_HEADERS;
export type RequestHeader = keyof typeof REQUEST_HEADERS;
