import { z } from 'zod';
import { deliveryDeadLetterSchema, messageDeadLetterSchema } from '../../bus/dead-letter.js';
import {
  cloudEventBatchSchema,
  cloudEventSchema,
  dispatchBatchSchema,
  dispatchEventSchema,
} from '../../bus/dispatch-message.js';
import { readSchemaName } from '../openapi/read-schema.js';
import { tidySchema, type JsonSchema } from '../openapi/tidy-schema.js';

const MESSAGES = {
  'dispatch-event': dispatchEventSchema,
  'dispatch-batch': dispatchBatchSchema,
  'dispatch-cloudevent': cloudEventSchema,
  'dispatch-cloudevent-batch': cloudEventBatchSchema,
  'dead-letter-delivery': deliveryDeadLetterSchema,
  'dead-letter-message': messageDeadLetterSchema,
} as const satisfies Record<string, z.ZodType>;

/** The messages on NATS as JSON Schema 2020-12, by file name. */
export const createMessageSchemas = (): Record<string, JsonSchema> =>
  Object.fromEntries(Object.entries(MESSAGES).map(([name, schema]) => [name, buildStandaloneSchema(schema)]));

/** The schema with its own definition at the top level, where editors and generators expect it. */
function buildStandaloneSchema(schema: z.ZodType): JsonSchema {
  const converted = tidySchema(
    JSON.parse(JSON.stringify(z.toJSONSchema(schema, { io: 'input' }))) as JsonSchema,
    'input',
  );
  const { $schema, $ref = '', $defs = {} } = converted as JsonSchema & { $defs?: Record<string, JsonSchema> };
  const { [readSchemaName($ref)]: definition, ...others } = $defs;
  return {
    $schema,
    title: readSchemaName($ref),
    ...definition,
    ...(Object.keys(others).length > 0 ? { $defs: others } : {}),
  };
}
