import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readMessages } from '../../../demo/messages.js';
import { ENDPOINTS, createPlan } from '../../../demo/plan.js';
import { dispatchEventSchema } from '../../../contracts/bus/dispatch-message.js';
import { packageRoot } from '../../../local/process/package-root.js';

const accountId = '0b5d6c1e-7f3a-4b6e-9a44-0d3c51f0a111';
const line = (id: string) => JSON.stringify({ id, type: 'message.read', accountId: 'of the file' });

describe('readMessages', () => {
  test('makes one message of each line and a batch of an array, with the account of this run', () => {
    const messages = readMessages(`${line('a')}\n\n[${line('b')},${line('c')}]\n`, accountId);
    expect(messages.map(({ batch, events }) => [batch, events.map(({ id }) => id)])).toEqual([
      [false, ['a']],
      [true, ['b', 'c']],
    ]);
    expect(messages.flatMap(({ events }) => events.map((event) => event.accountId))).toEqual(Array(3).fill(accountId));
    expect(JSON.parse(messages[1]?.text ?? '')).toEqual(messages[1]?.events);
  });

  test('names the invalid line', () => {
    expect(() => readMessages(`${line('a')}\n{`, accountId)).toThrow('line 2 of the events is not JSON');
    expect(() => readMessages('{"id":"a"}', accountId)).toThrow('line 1 of the events has no id or no type');
    expect(() => readMessages('[null]', accountId)).toThrow('line 1 of the events has no id or no type');
  });
});

describe('the events of the demo', () => {
  const messages = readMessages(readFileSync(join(packageRoot(), 'demo', 'events.jsonl'), 'utf8'), accountId);

  test('are valid events, published singly and in one batch', () => {
    for (const event of messages.flatMap(({ events }) => events)) dispatchEventSchema.parse(event);
    expect(messages.filter(({ batch }) => batch)).toHaveLength(1);
    expect(messages.filter(({ batch }) => !batch).length).toBeGreaterThan(1);
  });

  test('contain only phone numbers of an unassigned country code', () => {
    const numbers = messages.flatMap(({ text }) => text.match(/\+\d+/g) ?? []);
    expect(numbers).toHaveLength(6);
    expect(numbers.filter((number) => !number.startsWith('+999'))).toEqual([]);
  });

  test('show success, recovery and a dead letter', () => {
    const plan = createPlan(
      messages.map(({ events }) => events),
      ENDPOINTS,
    );
    expect(Math.min(plan.atOnce, plan.afterRetries, plan.deadLettered)).toBeGreaterThan(0);
  });
});
