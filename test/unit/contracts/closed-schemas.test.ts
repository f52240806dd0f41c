import { describe, expect, test } from '@jest/globals';
import type { JetStreamClient } from 'nats';
import { z } from 'zod';
import { createDeadLetterPublisher } from '../../../bridge/nats/dead-letters.js';
import { deliveryDetailSchema, deliveryPageSchema } from '../../../contracts/rest/delivery.js';
import { deliveryDeadLetterSchema, messageDeadLetterSchema } from '../../../contracts/bus/dead-letter.js';
import { problemSchema } from '../../../contracts/rest/problem.js';
import { createdWebhookSchema, webhookPageSchema, webhookSchema } from '../../../contracts/rest/webhook.js';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Where in a JSON Schema an object may have properties that it does not name. */
function openObjects(schema: Json, path = ''): string[] {
  if (schema === null || typeof schema !== 'object') return [];
  const within = Object.entries(schema).flatMap(([key, value]) => openObjects(value, `${path}/${key}`));
  // A map of the customer's own texts, by names of the customer's own.
  const isText =
    path.endsWith('/metadata') &&
    JSON.stringify((schema as { additionalProperties?: Json }).additionalProperties) === '{"type":"string"}';
  const isOpen = !Array.isArray(schema) && schema['type'] === 'object' && schema['additionalProperties'] !== false;
  return isOpen && !isText ? [path, ...within] : within;
}
const jsonSchemaOf = (schema: z.ZodType) => z.toJSONSchema(schema) as Json;
/** Every property that is named anywhere. */
const propertiesOf = (schema: Json): string[] =>
  schema === null || typeof schema !== 'object'
    ? []
    : Object.entries(schema).flatMap(([key, value]) => [
        ...(key === 'properties' ? Object.keys(value as object) : []),
        ...propertiesOf(value),
      ]);

describe('dead letters', () => {
  const letters = { delivery: deliveryDeadLetterSchema, message: messageDeadLetterSchema };

  test.each(Object.entries(letters))('LEAK-06 of a %s are closed, at every depth', (_name, schema) => {
    expect(openObjects(jsonSchemaOf(schema))).toEqual([]);
  });

  test.each(Object.entries(letters))('LEAK-06 of a %s name nothing that could hold a payload', (_name, schema) => {
    const named = propertiesOf(jsonSchemaOf(schema)).map((name) => name.toLowerCase());
    for (const word of ['payload', 'data', 'body', 'preview', 'url', 'secret', 'signature', 'header', 'phone', 'to'])
      expect(named.filter((name) => name === word || (word.length > 2 && name.includes(word)))).toEqual([]);
  });

  test('LEAK-06 one with anything more is not published', async () => {
    const published: unknown[] = [];
    const jetStream = { publish: (...args: unknown[]) => Promise.resolve(published.push(args)) };
    const { publishDeliveryDeadLetter, publishMessageDeadLetter } = createDeadLetterPublisher(
      jetStream as unknown as JetStreamClient,
      'dlq',
    );
    const letter = { ...deliveryLetter, payload: { to: '+999' } };
    const publishing = async (publish: () => Promise<void>) => publish();
    await expect(publishing(() => publishDeliveryDeadLetter(letter))).rejects.toThrow();
    const rejected = { ...messageLetter, problems: [{ path: '/to', problem: 'type', value: '+999' }] };
    await expect(publishing(() => publishMessageDeadLetter(rejected))).rejects.toThrow();
    expect(published).toEqual([]);
    await publishDeliveryDeadLetter(deliveryLetter);
    await publishMessageDeadLetter(messageLetter);
    expect(published).toHaveLength(2);
  });
});

const id = '019ab000-0000-7000-8000-000000000001';
const time = '2026-11-23T10:00:00.000Z';
const deliveryLetter = {
  ...({ id: `${id}:0`, schemaVersion: 1, time, type: 'webhook.delivery.dead_lettered' } as const),
  ...({ reason: 'retries_exhausted', accountId: id, webhookId: id, deliveryId: id, eventId: 'e' } as const),
  eventType: 'a',
  cycle: 0,
  attempts: 1,
  lastErrorCode: 'timeout' as const,
  lastResponseStatus: null,
  firstAttemptAt: time,
  lastAttemptAt: time,
  workflowId: 'wh-1',
  replay: { method: 'POST', path: `/v1/deliveries/${id}/retry` } as const,
};
const messageLetter = {
  ...({
    id: 'message:S:1',
    schemaVersion: 1,
    time,
    type: 'webhook.message.rejected',
    reason: 'invalid_message',
  } as const),
  source: { stream: 'S', sequence: 1, publishedAt: time },
  bytes: 3,
  deliveryCount: 1,
  problems: [{ path: '/id', problem: 'letters' }],
};

describe('answers', () => {
  test.each(
    Object.entries({ webhookSchema, webhookPageSchema, createdWebhookSchema, deliveryPageSchema, problemSchema }),
  )('LEAK-03 %s is closed', (_name, schema) => {
    expect(openObjects(jsonSchemaOf(schema))).toEqual([]);
  });

  test('LEAK-03 only that of the registration names a secret', () => {
    const named = (schema: z.ZodType) =>
      propertiesOf(jsonSchemaOf(schema)).filter((name) => /^secret$|enc/i.test(name));
    expect(named(createdWebhookSchema)).toEqual(['secret']);
    for (const schema of [webhookSchema, webhookPageSchema, deliveryPageSchema, deliveryDetailSchema])
      expect(named(schema)).toEqual([]);
  });
});
