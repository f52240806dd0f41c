import { describe, expect, test } from '@jest/globals';
import { deliveryDeadLetterSchema, messageDeadLetterSchema } from '../../../../contracts/bus/dead-letter.js';

const id = '019ab000-0000-7000-8000-000000000001';
const time = '2026-11-23T10:00:00.000Z';
const delivery = {
  id: `${id}:0`,
  schemaVersion: 1,
  type: 'webhook.delivery.dead_lettered',
  time,
  reason: 'retries_exhausted',
  accountId: id,
  webhookId: id,
  deliveryId: id,
  eventId: 'evt_1',
  eventType: 'a',
  cycle: 0,
  attempts: 10,
  lastErrorCode: 'timeout',
  lastResponseStatus: null,
  firstAttemptAt: time,
  lastAttemptAt: time,
  workflowId: 'wh-1',
  replay: { method: 'POST', path: `/v1/deliveries/${id}/retry` },
};
const message = {
  id: 'message:S:1',
  schemaVersion: 1,
  type: 'webhook.message.rejected',
  time,
  reason: 'invalid_message',
  source: { stream: 'S', sequence: 1, publishedAt: time },
  bytes: 3,
  deliveryCount: 1,
  problems: [{ path: '/id', problem: 'letters' }],
};

describe.each([
  ['of a delivery', deliveryDeadLetterSchema, delivery],
  ['of a message', messageDeadLetterSchema, message],
])('a dead letter %s', (_, schema, letter) => {
  test('is what it is', () => {
    expect(schema.parse(letter)).toEqual(letter);
  });

  test.each(['payload', 'data', 'url', 'secret', 'responseBody', 'to'])('has no room for %s', (name) => {
    expect(schema.safeParse({ ...letter, [name]: 'x' }).success).toBe(false);
  });

  test.each(Object.keys(letter))('is incomplete without %s', (name) => {
    expect(schema.safeParse({ ...letter, [name]: undefined }).success).toBe(false);
  });
});

test('the problems of a message have no room for values, and are at most twenty', () => {
  const problem = { path: '/id', problem: 'letters' };
  const withProblems = (problems: object[]) => messageDeadLetterSchema.safeParse({ ...message, problems }).success;
  expect(withProblems([{ ...problem, value: 'x' }])).toBe(false);
  expect(withProblems(Array.from({ length: 20 }, () => problem))).toBe(true);
  expect(withProblems(Array.from({ length: 21 }, () => problem))).toBe(false);
});
