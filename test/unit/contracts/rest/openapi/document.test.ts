import { expect, test } from '@jest/globals';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { Validator } from '@seriousme/openapi-schema-validator';
import { createOpenApiDocument } from '../../../../../contracts/rest/openapi/create-openapi-document.js';
import { OPERATIONS } from '../../../../../contracts/rest/operations/operations.js';

const document = createOpenApiDocument(OPERATIONS);

test('the document is OpenAPI 3.1 by its meta-schema', async () => {
  const verdict = await new Validator().validate(JSON.parse(JSON.stringify(document)));
  expect(verdict).toEqual({ valid: true });
});

test('a linter finds nothing to say about the document', async () => {
  const config = await createConfig({ extends: ['recommended-strict'] });
  const problems = await lintFromString({ source: JSON.stringify(document, null, 2), config });
  expect(problems.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).toEqual([]);
});
