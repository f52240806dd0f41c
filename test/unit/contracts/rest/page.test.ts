import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { buildPage, pageQuerySchema } from '../../../../contracts/rest/page.js';

test('the cursor of a page leads behind its last item', () => {
  fc.assert(
    fc.property(fc.uuid(), (id) => {
      const { nextCursor } = buildPage([{ id }, { id: 'next' }], 1);
      expect(pageQuerySchema.parse({ cursor: nextCursor })).toEqual({ limit: 20, cursor: id });
    }),
  );
});

test('the last page has no cursor', () => {
  expect(buildPage([{ id: 'a' }], 1)).toEqual({ data: [{ id: 'a' }], nextCursor: null, hasMore: false });
  expect(buildPage([], 5)).toEqual({ data: [], nextCursor: null, hasMore: false });
});

test('any text of the right length is some place in the list, any other is refused', () => {
  expect(pageQuerySchema.safeParse({ cursor: '_'.repeat(22) }).data?.cursor).toMatch(/^[0-9a-f-]{36}$/);
  for (const cursor of ['', '_'.repeat(21), '='.repeat(22), `${'_'.repeat(22)}\n`])
    expect(pageQuerySchema.safeParse({ cursor }).success).toBe(false);
});
