import { describe, expect, test } from '@jest/globals';
import { createOpenApiDocument } from '../../../contracts/rest/openapi/create-openapi-document.js';
import { OPERATIONS } from '../../../contracts/rest/operations/operations.js';
import { listProblemCodes } from '../../../contracts/rest/operations/list-problem-codes.js';
import { PROBLEMS } from '../../../contracts/rest/problem.js';
import { routesOfApi } from '../../support/api-routes.js';

const nameOf = ({ method, path }: { method: string; path: string }) => `${method.toUpperCase()} ${path}`;

test('every route has exactly one operation, and every operation a route', () => {
  const routes = routesOfApi().map(({ route }) => route);
  expect(OPERATIONS.map(nameOf).sort()).toEqual(routes.sort());
});

test('operation ids are unique', () => {
  const ids = OPERATIONS.map(({ operationId }) => operationId);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
});

describe.each(OPERATIONS)('$operationId', (operation) => {
  test('is described in whole sentences', () => {
    expect(operation.summary).toMatch(/^[A-Z].*[^.]$/);
    expect(operation.description).toMatch(/^[A-Z`][\s\S]*\.$/);
    for (const { description } of Object.values(operation.successResponses))
      expect(description).toMatch(/^[A-Z][\s\S]*\.$/);
  });

  test('answers a status with a result or with a problem, not with either', () => {
    const refusals = listProblemCodes(operation).map((code) => String(PROBLEMS[code].status));
    expect(Object.keys(operation.successResponses).filter((status) => refusals.includes(status))).toEqual([]);
  });
});

test('the document refers only to what it holds', () => {
  const document = createOpenApiDocument(OPERATIONS);
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/(\w+)\/([^"]+)"/g)];
  const components = document['components'] as Record<string, Record<string, unknown>>;
  expect(references.length).toBeGreaterThan(0);
  expect(references.filter(([, kind = '', name = '']) => components[kind]?.[name] === undefined)).toEqual([]);
});
