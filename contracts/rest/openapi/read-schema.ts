import type { JsonSchema } from './tidy-schema.js';

/** The name in a reference: `#/components/schemas/Webhook` gives `Webhook`. */
export const readSchemaName = (reference: string): string => reference.slice(reference.lastIndexOf('/') + 1);

export interface SchemaField {
  readonly name: string;
  readonly required: boolean;
  readonly schema: JsonSchema;
}

/** The fields of an object in the order of their declaration; none for any other schema. */
export const listSchemaFields = ({ properties = {}, required = [] }: JsonSchema): SchemaField[] =>
  Object.entries(properties).map(([name, schema]) => ({ name, required: required.includes(name), schema }));
