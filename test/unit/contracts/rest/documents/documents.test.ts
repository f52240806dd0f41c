import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'prettier';
import { z } from 'zod';
import { decodeMessage } from '../../../../../bridge/decode-message.js';
import { deliveryDeadLetterSchema, messageDeadLetterSchema } from '../../../../../contracts/bus/dead-letter.js';
import { createMessageSchemas } from '../../../../../contracts/rest/documents/message-schemas.js';
import { renderProblemsDocument } from '../../../../../contracts/rest/documents/problems-document.js';
import type { JsonSchema } from '../../../../../contracts/rest/openapi/tidy-schema.js';
import { packageRoot } from '../../../../../local/process/package-root.js';
import { arbitraryValue } from '../../../../support/arbitrary-value.js';
import { SEED } from '../../../fuzz/seed.js';

const inDocs = (path: string) => join(packageRoot(), 'docs', path);
const read = (path: string) => readFileSync(inDocs(path), 'utf8');

const schemas = Object.entries(createMessageSchemas());

test('the page of problems is what the catalog says (npm run documents writes it)', async () => {
  const options = { parser: 'markdown', singleQuote: true, printWidth: 120, trailingComma: 'all' } as const;
  expect(read('problems.md')).toBe(await format(renderProblemsDocument(), options));
});

test('there is a file for each kind of message and no other (npm run documents writes them)', () => {
  expect(readdirSync(inDocs('schemas')).sort()).toEqual(schemas.map(([name]) => `${name}.schema.json`).sort());
  for (const [name, schema] of schemas) expect(JSON.parse(read(`schemas/${name}.schema.json`))).toEqual(schema);
});

/** The service's result for a message of each kind. */
const accepts: Record<string, (message: unknown) => boolean> = {
  'dead-letter-delivery': (message) => deliveryDeadLetterSchema.safeParse(message).success,
  'dead-letter-message': (message) => messageDeadLetterSchema.safeParse(message).success,
};
const decodes = (message: unknown) => decodeMessage(Buffer.from(JSON.stringify(message))).ok;

describe.each(schemas)('%s', (name, schema) => {
  const accepted = accepts[name] ?? decodes;
  const defined = (schema as { $defs?: Record<string, JsonSchema> }).$defs ?? {};
  const valid = arbitraryValue(schema, defined).map((message) =>
    // A schema cannot say that all events are of one account.
    Array.isArray(message) ? message.map((event: object) => ofOneAccount(event)) : message,
  );

  test(`what the schema allows is accepted (seed ${SEED})`, () => {
    fc.assert(
      fc.property(valid, (message) => accepted(message)),
      { seed: SEED, numRuns: 200 },
    );
  });

  test(`what lacks a part is refused by both (seed ${SEED})`, () => {
    const bySchema = z.fromJSONSchema(JSON.parse(JSON.stringify(schema)));
    const without = fc.tuple(valid, fc.nat()).map(([message, at]) => withoutPart(message, at));
    const agree = (message: unknown) => accepted(message) === bySchema.safeParse(message).success;
    fc.assert(fc.property(without, agree), { seed: SEED, numRuns: 200 });
  });
});

const ACCOUNT = '7d1f0c9e-52a4-4a8e-9f63-3f2f6f1f0a11';
const ofOneAccount = (event: object) =>
  Object.fromEntries(
    Object.entries(event).map(([key, value]) => [key, /^accountid$/i.test(key) ? ACCOUNT : (value as unknown)]),
  );

function withoutPart(message: unknown, at: number): unknown {
  const [part = {}] = [message].flat() as object[];
  const keys = Object.keys(part);
  const { [keys[at % keys.length] as never]: _removed, ...rest } = part as Record<string, unknown>;
  return Array.isArray(message) ? [rest, ...(message.slice(1) as unknown[])] : rest;
}
