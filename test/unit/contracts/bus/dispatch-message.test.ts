import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import {
  cloudEventSchema,
  dispatchEventSchema,
  MAX_BATCH_EVENTS,
  MAX_EVENT_BYTES,
  MAX_MESSAGE_BYTES,
} from '../../../../contracts/bus/dispatch-message.js';

test('the limits are those of the contract with producers', () => {
  expect([MAX_EVENT_BYTES, MAX_MESSAGE_BYTES, MAX_BATCH_EVENTS]).toEqual([262_144, 1_048_576, 100]);
});

describe('an account id', () => {
  const parse = (accountId: unknown) => dispatchEventSchema.shape.accountId.safeParse(accountId);
  test('is any UUID, told in lower case', () => {
    expect(parse('ABCDEF01-0000-0000-0000-000000000000').data).toBe('abcdef01-0000-0000-0000-000000000000');
  });
  test.each(['', 'abcdef01000000000000000000000000', '{abcdef01-0000-0000-0000-000000000000}', 7, null])(
    'is not %p',
    (value) => {
      expect(parse(value).success).toBe(false);
    },
  );
});

test.each([
  ['DispatchEvent', dispatchEventSchema],
  ['DispatchCloudEvent', cloudEventSchema],
])('%s can be published for producers as a JSON Schema', (name, schema) => {
  const { $defs } = z.toJSONSchema(schema, { io: 'input' });
  expect($defs?.[name]).toMatchObject({ type: 'object', required: expect.arrayContaining(['id', 'type', 'data']) });
});
