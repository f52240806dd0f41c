import { z } from 'zod';
import { listSchemaFields, readSchemaName, type SchemaField } from './read-schema.js';
import { tidySchema, type JsonSchema } from './tidy-schema.js';

/** Which side of a schema is meant: what may be sent, or what is answered. Defaults and transformations differ. */
export type SchemaDirection = 'input' | 'output';

export interface Components {
  /** A reference where the schema has a `.meta({ id })`, which is kept; else the schema itself. */
  readonly refer: (schema: z.ZodType, side: SchemaDirection) => JsonSchema;
  /** The fields of an object, without keeping it. */
  readonly listFieldsOf: (schema: z.ZodObject, side: SchemaDirection) => SchemaField[];
  /** What was kept, by id. */
  readonly schemas: () => Record<string, JsonSchema>;
}

/**
 * zod 4's own conversion, with what it puts under `$defs` moved to where OpenAPI looks for it.
 *
 * @throws Error when one id stands for two things: two schemas, or the two sides of one that has defaults.
 */
export function createComponents(): Components {
  const kept = new Map<string, JsonSchema>();

  const keep = (id: string, schema: JsonSchema) => {
    const before = kept.get(id);
    if (before !== undefined && JSON.stringify(before) !== JSON.stringify(schema)) {
      throw new Error(`the schema id ${id} stands for two things`);
    }
    kept.set(id, schema);
  };

  return {
    refer: (schema, side) => {
      const { root, definitions } = convert(schema, side);
      for (const [id, definition] of Object.entries(definitions)) keep(id, definition);
      return root;
    },
    listFieldsOf: (schema, side) => {
      const { root, definitions } = convert(schema, side);
      return listSchemaFields(root.$ref === undefined ? root : (definitions[readSchemaName(root.$ref)] ?? {}));
    },
    schemas: () => Object.fromEntries([...kept].sort(([a], [b]) => a.localeCompare(b))),
  };
}

interface Converted {
  readonly root: JsonSchema;
  readonly definitions: Record<string, JsonSchema>;
}

function convert(schema: z.ZodType, side: SchemaDirection): Converted {
  const text = JSON.stringify(z.toJSONSchema(schema, { io: side, reused: 'inline' }));
  const relocated = JSON.parse(text.replaceAll('"#/$defs/', '"#/components/schemas/')) as JsonSchema;
  const { $schema: _dialect, $defs = {}, ...root } = tidySchema(relocated, side);
  return { root, definitions: $defs as Record<string, JsonSchema> };
}
