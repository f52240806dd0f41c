/** Header fields of the API, each described once. Schemas are JSON Schema: header values are text on the wire. */
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
  'X-Request-Id': field('Names this request in our logs: quote it when you ask for help.', {
    example: EXAMPLE_REQUEST_ID,
  }),
  'RateLimit-Policy': field('Requests (`q`) that an account may make in a window (`w`, seconds).', {
    example: '"account"; q=60; w=60',
  }),
  RateLimit: field('Requests that are left (`r`), and seconds until the count begins anew (`t`).', {
    example: '"account"; r=59; t=60',
  }),
  'Retry-After': field('Seconds to wait before asking again.', { schema: { type: 'integer' }, example: 5 }),
  Location: field('Path of what was made or asked for.', { schema: { type: 'string', format: 'uri-reference' } }),
  ETag: field('Version of what is shown. Send it back in `If-Match` to change exactly this version.', {
    example: '"3-Qk1fF0xYb2c3d4e5"',
  }),
  'Idempotent-Replayed': field('`true` on an answer that is repeated for an `Idempotency-Key` used before.', {
    example: 'true',
  }),
} as const satisfies Record<string, HeaderField>;

export const REQUEST_HEADERS = {
  'If-Match': field('An `ETag` that was read before. The change is refused if somebody else made one since.', {
    example: '"3-Qk1fF0xYb2c3d4e5"',
  }),
  'If-None-Match': field('An `ETag` that was read before. While it holds the answer is 304, without a body.', {
    example: '"3-Qk1fF0xYb2c3d4e5"',
  }),
  'Idempotency-Key': field(
    'Any text of your own, new for each thing to be made. Repeating a request with its key is safe.',
    {
      schema: { type: 'string', maxLength: 255 },
      example: '5f0c2f1e-registration',
    },
  ),
} as const satisfies Record<string, HeaderField>;

export type ResponseHeader = keyof typeof RESPONSE_HEADERS;
export type RequestHeader = keyof typeof REQUEST_HEADERS;
