import { z } from 'zod';
import { listSchemaFields, readSchemaName, type SchemaField } from './read-schema.js';
import { tidySchema, type JsonSchema } from './tidy-schema.js';

/** The use of a schema, in requests or in responses. Defaults and transformations make them differ. */
export type SchemaDirection = 'input' | 'output';

export interface Components {
  /** A reference if the schema has a `.meta({ id })`: its definition is then kept. Otherwise the schema itself. */
  readonly refer: (schema: z.ZodType, direction: SchemaDirection) => JsonSchema;
  /** The fields of an object, without keeping its definition. */
  readonly listFieldsOf: (schema: z.ZodObject, direction: SchemaDirection) => SchemaField[];
  /** The definitions kept so far, by id. */
  readonly schemas: () => Record<string, JsonSchema>;
}

/**
 * Converts schemas with zod 4's own conversion, and moves its `$defs` to the place that OpenAPI defines for them.
 *
 * `refer` throws an Error when one id would name two definitions: of two schemas, or of both directions of one with defaults.
 */
export function createComponents(): Components {
  const kept = new Map<string, JsonSchema>();

  const keep = (id: string, schema: JsonSchema) => {
    const before = kept.get(id);
    if (before !== undefined && JSON.stringify(before) !== JSON.stringify(schema)) {
      throw new Error(`the schema id ${id} names two definitions`);
    }
    kept.set(id, schema);
  };

  return {
    refer: (schema, direction) => {
      const { root, definitions } = convert(schema, direction);
      for (const [id, definition] of Object.entries(definitions)) keep(id, definition);
      return root;
    },
    listFieldsOf: (schema, direction) => {
      const { root, definitions } = convert(schema, direction);
      return listSchemaFields(root.$ref === undefined ? root : (definitions[readSchemaName(root.$ref)] ?? {}));
    },
    schemas: () => Object.fromEntries([...kept].sort(([a], [b]) => a.localeCompare(b))),
  };
}

interface Converted {
  readonly root: JsonSchema;
  readonly definitions: Record<string, JsonSchema>;
}

function convert(schema: z.ZodType, direction: SchemaDirection): Converted {
  const text = JSON.stringify(z.toJSONSchema(schema, { io: direction, reused: 'inline' }));
  const relocated = JSON.parse(text.replaceAll('"#/$defs/', '"#/components/schemas/')) as JsonSchema;
  const { $schema: _dialect, $defs = {}, ...root } = tidySchema(relocated, direction);
  return { root, definitions: $defs as Record<string, JsonSchema> };
}
