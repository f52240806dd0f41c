import fc, { type Arbitrary } from 'fast-check';
import { listSchemaFields, readSchemaName } from '../../contracts/rest/openapi/read-schema.js';
import type { JsonSchema } from '../../contracts/rest/openapi/tidy-schema.js';

export type Schemas = Readonly<Record<string, JsonSchema>>;

/** Values that a schema of the document allows. Its examples are preferred, because a pattern alone gives no existing host. */
export function arbitraryValue(schema: JsonSchema, schemas: Schemas): Arbitrary<unknown> {
  if (schema.$ref !== undefined) return arbitraryValue(schemas[readSchemaName(schema.$ref)] ?? {}, schemas);
  if ('const' in schema) return fc.constant(schema['const']);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map((choice) => arbitraryValue(choice, schemas)));
  if (schema.examples !== undefined && schema.properties === undefined) return fc.constantFrom(...schema.examples);
  return fc.oneof(...[schema.type ?? 'any'].flat().map((type) => ofType(type, schema, schemas)));
}

function ofType(type: string, schema: JsonSchema, schemas: Schemas): Arbitrary<unknown> {
  const limit = (keyword: string, otherwise: number) => Number(schema[keyword] ?? otherwise);
  switch (type) {
    case 'object':
      return objectOf(schema, schemas);
    case 'array': {
      const lengths = { minLength: limit('minItems', 0), maxLength: Math.min(limit('maxItems', 4), 4) };
      return fc.uniqueArray(arbitraryValue(schema.items ?? {}, schemas), lengths);
    }
    case 'integer':
    case 'number':
      return fc.integer({ min: limit('minimum', limit('exclusiveMinimum', -1) + 1), max: limit('maximum', 1_000) });
    case 'string':
      return stringOf(schema, { minLength: limit('minLength', 0), maxLength: limit('maxLength', 40) });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return fc.jsonValue();
  }
}

function objectOf(schema: JsonSchema, schemas: Schemas): Arbitrary<unknown> {
  const fields = listSchemaFields(schema);
  if (fields.length === 0 && schema['additionalProperties'] === false) return fc.constant({});
  if (fields.length === 0)
    return fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.string({ maxLength: 10 }), { maxKeys: 4 });
  const values = Object.fromEntries(fields.map((field) => [field.name, arbitraryValue(field.schema, schemas)]));
  return fc.record(values, { requiredKeys: fields.filter(({ required }) => required).map(({ name }) => name) });
}

/** RFC 3339 has four digits for the year. */
const YEARS = { noInvalidDate: true, min: new Date('0001-01-01'), max: new Date('9999-12-31') };

function stringOf(
  { format, pattern }: JsonSchema,
  lengths: { minLength: number; maxLength: number },
): Arbitrary<string> {
  if (format === 'uuid') return fc.uuid();
  if (format === 'date-time') return fc.date(YEARS).map((date) => date.toISOString());
  if (typeof pattern === 'string') return fc.stringMatching(new RegExp(pattern));
  return fc.string({ ...lengths, unit: 'grapheme' }).filter((text) => text.length <= lengths.maxLength);
}
