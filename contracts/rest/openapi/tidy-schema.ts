/** JSON Schema 2020-12, with the keywords that our code reads. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly examples?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly [keyword: string]: unknown;
}

/**
 * Makes zod's JSON Schema readable without changing its meaning: a format is shown without the expression that checks it, and
 * `T or null` is one type. Responses stay open, so that an added field breaks no generated client.
 */
export function tidySchema(schema: JsonSchema, direction: 'input' | 'output'): JsonSchema {
  return tidy(schema) as JsonSchema;

  function tidy(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(tidy);
    if (typeof value !== 'object' || value === null) return value;
    const node = mergeNull(Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, tidy(inner)])));
    if ('format' in node || node['type'] === 'integer') delete node['pattern'];
    if (direction === 'output' && node['additionalProperties'] === false) delete node['additionalProperties'];
    dropSafeIntegerBounds(node);
    return node;
  }
}

/** `anyOf: [{ type: 'string' }, { type: 'null' }]` means the same as `type: ['string', 'null']`. */
function mergeNull(node: Record<string, unknown>): Record<string, unknown> {
  const { anyOf, ...rest } = node;
  if (!Array.isArray(anyOf) || anyOf.length !== 2) return node;
  const [value, none] = anyOf as [Record<string, unknown>, Record<string, unknown>];
  if (none['type'] !== 'null' || typeof value['type'] !== 'string') return node;
  const choices = Array.isArray(value['enum']) ? { enum: [...(value['enum'] as unknown[]), null] } : {};
  return { ...value, type: [value['type'], 'null'], ...choices, ...rest };
}

/** zod bounds every integer so; the bounds tell a reader nothing. */
function dropSafeIntegerBounds(node: Record<string, unknown>): void {
  if (node['maximum'] === Number.MAX_SAFE_INTEGER) delete node['maximum'];
  if (node['minimum'] === Number.MIN_SAFE_INTEGER) delete node['minimum'];
}
