import type { JsonSchema } from '../../contracts/rest/openapi/tidy-schema.js';
import { readSchemaName } from '../../contracts/rest/openapi/read-schema.js';

type Schemas = Readonly<Record<string, JsonSchema>>;

/** An example value for a schema: the schema's own example, otherwise the simplest value that it allows. */
export function buildExample(schema: JsonSchema, schemas: Schemas): unknown {
  if (schema.examples !== undefined) return schema.examples[0];
  if (schema.$ref !== undefined) return buildExample(schemas[readSchemaName(schema.$ref)] ?? {}, schemas);
  for (const keyword of ['const', 'default']) if (keyword in schema) return schema[keyword];
  // A nullable field is null in the example, as it mostly is: a working endpoint has no `disabledReason`.
  if (Array.isArray(schema.type) && schema.type.includes('null')) return null;
  if (schema.enum !== undefined) return schema.enum[0];
  const [choice] = schema.anyOf ?? [];
  return choice === undefined ? buildSimplestValue(schema, schemas) : buildExample(choice, schemas);
}

const FORMATS: Readonly<Record<string, string>> = {
  uuid: '019ab1f4-8b1c-7c2e-9f63-3f2f6f1f0a11',
  'date-time': '2026-11-23T10:15:00Z',
};

function buildSimplestValue(schema: JsonSchema, schemas: Schemas): unknown {
  const [type] = [schema.type].flat();
  if (type === 'object') {
    const fields = Object.entries(schema.properties ?? {});
    return Object.fromEntries(fields.map(([name, field]) => [name, buildExample(field, schemas)]));
  }
  if (type === 'array') return schema.items === undefined ? [] : [buildExample(schema.items, schemas)];
  if (type === 'string') return FORMATS[schema.format ?? ''] ?? 'text';
  if (type === 'boolean') return false;
  return type === 'integer' || type === 'number' ? (schema['minimum'] ?? 1) : null;
}
