import { describe, expect, test } from '@jest/globals';
import { DatabaseError, type DatabaseErrorKind } from '../../../db/errors.js';
import { MAX_REFUSALS } from '../../../bridge/ack-decision.js';
import { createBridge, delivery, known, message, ready, skipped } from './bridge-fake.js';

describe('a message with deliveries to make', () => {
  test('is acknowledged after its workflow was started, and not before', async () => {
    const bridge = createBridge({ recordDeliveries: ([m]) => [ready(m, 'w1'), ready(m, 'w2')] });
    await bridge.handle(message('a'));
    expect(bridge.calls).toEqual([
      'record a',
      'storeDeliveries 2',
      'start a',
      'startAttempts a',
      'acknowledge a +ACK',
      'count started',
    ]);
    expect(bridge.started[0]).toMatchObject({
      workflowId: expect.stringMatching(/^wh-.*-a$/),
      eventTypes: ['message.delivered'],
      endpoints: [
        { webhookId: 'w1', deliveryIds: [delivery('a', 'w1')] },
        { webhookId: 'w2', deliveryIds: [delivery('a', 'w2')] },
      ],
    });
  });

  test('has its first requests begun once its workflow is confirmed, and only where it runs here', async () => {
    const bridge = createBridge({
      recordDeliveries: ([m]) => [ready(m, 'w1')],
      startDelivery: () => 'started_elsewhere',
    });
    await bridge.handle(message('a'));
    expect(bridge.calls.slice(-4)).toEqual(['start a', 'withdraw a', 'acknowledge a +ACK', 'count started']);
    expect(bridge.admission.messagesInFlight()).toBe(1);
  });

  test('stays inside until its first attempts are over', async () => {
    const bridge = createBridge({ recordDeliveries: ([m]) => [ready(m, 'w1')] });
    await bridge.handle(message('a'));
    expect(bridge.admission.messagesInFlight()).toBe(1);
    bridge.admission.firstAttemptsOver(bridge.started[0]?.workflowId ?? '');
    expect(bridge.admission.messagesInFlight()).toBe(0);
  });

  test('counts with the endpoints that it has turned out to have, as long as they are attempted', async () => {
    const endpoints = Array.from({ length: 500 }, (_, n) => `w${String(n)}`);
    const bridge = createBridge({ recordDeliveries: ([m]) => endpoints.map((webhookId) => ready(m, webhookId)) });
    expect(bridge.admission.hasRoom()).toBe(true);
    await bridge.handle(message('a'));
    expect(bridge.admission.hasRoom()).toBe(false);
    bridge.admission.firstAttemptOver(bridge.started[0]?.workflowId ?? '');
    expect(bridge.admission.hasRoom()).toBe(true);
  });

  test('has left already when its first attempts end before the start is answered', async () => {
    const bridge = createBridge({
      recordDeliveries: ([m]) => [ready(m, 'w1')],
      startDelivery: ({ workflowId }) => {
        bridge.admission.firstAttemptsOver(workflowId);
        return 'started_here';
      },
    });
    await bridge.handle(message('a'));
    expect(bridge.admission.messagesInFlight()).toBe(0);
  });

  test('that could not be acknowledged is counted as such, and comes again', async () => {
    const bridge = createBridge({ recordDeliveries: ([m]) => [ready(m, 'w1')], acknowledge: () => false });
    await bridge.handle(message('a'));
    expect(bridge.calls.at(-1)).toBe('count unconfirmed');
  });

  test('of many events starts one workflow, with each endpoint once', async () => {
    const bridge = createBridge({
      recordDeliveries: ([m]) => [ready(m, 'w1'), ready(m, 'w2'), ready(m, 'w1', 'other')],
    });
    await bridge.handle(message('a', { events: ['a', 'other'] }));
    expect(bridge.started).toHaveLength(1);
    expect(bridge.started[0]?.workflowId).toMatch(/-b-[0-9a-f]{32}$/);
    expect(bridge.started[0]?.endpoints.map(({ webhookId, deliveryIds }) => [webhookId, deliveryIds.length])).toEqual([
      ['w1', 2],
      ['w2', 1],
    ]);
  });
});

describe('a message without', () => {
  test.each([
    ['no endpoint matches', [], 'unmatched'],
    ['every endpoint is disabled', [skipped('a', 'w1')], 'skipped'],
    ['its event had its deliveries before', [known('a', 'w1')], 'duplicate'],
  ])('is acknowledged and counted: %s', async (_, recorded, result) => {
    const bridge = createBridge({ recordDeliveries: () => recorded });
    await bridge.handle(message('a'));
    expect(bridge.calls.slice(-2)).toEqual(['acknowledge a +ACK', `count ${result}`]);
    expect(bridge.started).toEqual([]);
    expect(bridge.admission.messagesInFlight()).toBe(0);
  });

  test('is redelivered and not a duplicate when its own deliveries are settled by now', async () => {
    const bridge = createBridge({ recordDeliveries: () => [known('a', 'w1')] });
    await bridge.handle(message('a', { deliveryCount: 2 }));
    expect(bridge.calls.slice(-3)).toEqual(['listPending a', 'acknowledge a +ACK', 'count redelivered']);
  });
});

describe('a redelivered message', () => {
  test('whose rows wait is started, also where its first delivery recorded them', async () => {
    const bridge = createBridge({
      recordDeliveries: () => [known('a', 'w1')],
      listPendingFirstAttempts: () => [
        { deliveryId: delivery('a', 'w1'), webhookId: 'w1', eventType: 'message.delivered' },
      ],
    });
    await bridge.handle(message('a', { deliveryCount: 2 }));
    expect(bridge.calls).toEqual([
      'record a',
      'storeDeliveries 0',
      'listPending a',
      'start a',
      'startAttempts a',
      'acknowledge a +ACK',
      'count started',
    ]);
    expect(bridge.started[0]?.endpoints).toEqual([{ webhookId: 'w1', deliveryIds: [delivery('a', 'w1')] }]);
  });

  test('that was started before is acknowledged, and nothing of it is removed', async () => {
    const bridge = createBridge({ recordDeliveries: ([m]) => [ready(m, 'w1')], startDelivery: () => 'redelivered' });
    await bridge.handle(message('a'));
    expect(bridge.calls.slice(-4)).toEqual(['start a', 'withdraw a', 'acknowledge a +ACK', 'count redelivered']);
    expect(bridge.admission.messagesInFlight()).toBe(0);
  });
});

describe('a producer’s duplicate', () => {
  test('has its rows removed, then it is acknowledged', async () => {
    const bridge = createBridge({ recordDeliveries: ([m]) => [ready(m, 'w1')], startDelivery: () => 'duplicate' });
    await bridge.handle(message('a'));
    expect(bridge.calls.slice(-5)).toEqual([
      'start a',
      'withdraw a',
      'discard a',
      'acknowledge a +ACK',
      'count duplicate',
    ]);
    expect(bridge.admission.messagesInFlight()).toBe(0);
  });

  test('comes again when its rows cannot be removed, and leaves its place once', async () => {
    const bridge = createBridge({
      recordDeliveries: ([m]) => [ready(m, 'w1')],
      startDelivery: () => 'duplicate',
      discardRecordedDeliveries: () => {
        throw new DatabaseError('unavailable', 'ECONNREFUSED');
      },
    });
    await bridge.handle(message('a'));
    expect(bridge.calls.slice(-3)).toEqual(['discard a', 'returnAfter a', 'count returned']);
    expect(bridge.admission.messagesInFlight()).toBe(0);
    expect(bridge.breaker.isOpen()).toBe(true);
  });

  test('in the same batch is told apart by its time', async () => {
    const first = message('a', { receivedAtMs: 1_000 });
    const second = message('a', { receivedAtMs: 2_000, sequence: 2 });
    const bridge = createBridge({
      recordDeliveries: (messages) => messages.map((m) => ready(m, 'w1')),
      startDelivery: ({ receivedAtMs }) => (receivedAtMs === 1_000 ? 'started_here' : 'duplicate'),
    });
    await bridge.handle(first, second);
    expect(bridge.started.map(({ endpoints }) => endpoints[0]?.deliveryIds)).toEqual([
      [delivery('a', 'w1', 1_000)],
      [delivery('a', 'w1', 2_000)],
    ]);
    expect(bridge.admission.messagesInFlight()).toBe(1);
    bridge.admission.firstAttemptsOver(bridge.started[0]?.workflowId ?? '');
    expect(bridge.admission.messagesInFlight()).toBe(0);
  });

  test('of the same millisecond does not make a delivery twice', async () => {
    const bridge = createBridge({
      recordDeliveries: ([m]) => [ready(m, 'w1'), known('a', 'w1')],
      startDelivery: () => (bridge.started.length === 1 ? 'started_here' : 'redelivered'),
    });
    await bridge.handle(message('a'), message('a', { sequence: 2 }));
    for (const { endpoints } of bridge.started)
      expect(endpoints).toEqual([{ webhookId: 'w1', deliveryIds: [delivery('a', 'w1')] }]);
    expect(bridge.admission.messagesInFlight()).toBe(1);
    bridge.admission.firstAttemptsOver(bridge.started[0]?.workflowId ?? '');
    expect(bridge.admission.messagesInFlight()).toBe(0);
  });
});

describe('a message that can never be processed', () => {
  test('has its dead letter before it is terminated, without a value of it', async () => {
    const bridge = createBridge({});
    await bridge.handle(message('a', { raw: '{"id":"CANARY!"}', sequence: 7 }));
    expect(bridge.calls).toEqual(['deadLetter', 'acknowledge 7 +TERM', 'count rejected']);
    expect(bridge.deadLetters[0]).toMatchObject({
      id: 'message:STREAM:7',
      reason: 'invalid_message',
      bytes: 16,
      source: { stream: 'STREAM', sequence: 7 },
    });
    expect(JSON.stringify(bridge.deadLetters)).not.toContain('CANARY');
    expect(bridge.admission.messagesInFlight()).toBe(0);
  });

  test('is not terminated while its dead letter cannot be published', async () => {
    const bridge = createBridge({
      publish: () => {
        throw new Error('no responders');
      },
    });
    await bridge.handle(message('a', { raw: '{' }));
    expect(bridge.calls).toEqual(['deadLetter', 'returnAfter 1', 'count returned']);
    expect(bridge.admission.messagesInFlight()).toBe(0);
  });

  test('does not hold up its neighbors', async () => {
    const bridge = createBridge({ recordDeliveries: (messages) => messages.map((m) => ready(m, 'w1')) });
    await bridge.handle(message('a'), message('x', { raw: '{', sequence: 2 }), message('b', { sequence: 3 }));
    expect(bridge.started).toHaveLength(2);
    expect(bridge.ended).toEqual({ 1: '+ACK', 2: '+TERM', 3: '+ACK' });
  });
});

describe('a value that PostgreSQL refuses', () => {
  test.each(['refused_value', 'bug', 'constraint'] as const)(
    'is found by halving (%s), and the other messages go through',
    async (kind) => {
      const offender = 'e5';
      const bridge = createBridge({
        recordDeliveries: (messages) => {
          if (messages.some(({ events }) => events[0]?.eventId === offender)) throw new DatabaseError(kind, '22P05');
          return messages.map((m) => ready(m, 'w1'));
        },
      });
      const deliveryCount = MAX_REFUSALS;
      const messages = Array.from({ length: 9 }, (_, n) =>
        message(`e${String(n + 1)}`, { sequence: n + 1, ...(n === 4 ? { deliveryCount } : {}) }),
      );
      await bridge.handle(...messages);
      expect(bridge.ended).toEqual({ ...Object.fromEntries(messages.map((m) => [m.sequence, '+ACK'])), 5: '+TERM' });
      expect(bridge.deadLetters).toHaveLength(1);
      expect(bridge.deadLetters[0]).toMatchObject({
        problems: [{ path: '', problem: 'a value that cannot be stored' }],
      });
      expect(bridge.calls.filter((what) => what.startsWith('record')).length).toBeLessThanOrEqual(9);
    },
  );
});

describe('an unavailable server', () => {
  test.each<[DatabaseErrorKind, boolean]>([
    ['unavailable', true],
    ['misconfigured', true],
    ['contention', false],
  ])('a database that is %s gives the messages back, together', async (kind, pauses) => {
    const bridge = createBridge({
      recordDeliveries: () => {
        throw new DatabaseError(kind, 'X');
      },
    });
    const deliveryCount = 1_000;
    await bridge.handle(message('a', { deliveryCount }), message('b', { deliveryCount, sequence: 2 }));
    expect(bridge.calls).toEqual(['record a b', 'returnAfter a', 'returnAfter b', 'count returned', 'count returned']);
    expect(bridge.breaker.isOpen()).toBe(pauses);
    expect(bridge.admission.messagesInFlight()).toBe(0);
  });

  test('Temporal gives the message back and opens the breaker; the next success closes it', async () => {
    let away = true;
    const bridge = createBridge({
      recordDeliveries: ([m]) => [ready(m, 'w1')],
      startDelivery: () => (away ? 'unavailable' : 'started_here'),
    });
    await bridge.handle(message('a'));
    expect(bridge.calls.slice(-2)).toEqual(['returnAfter a', 'count returned']);
    expect([bridge.breaker.isOpen(), bridge.admission.messagesInFlight()]).toEqual([true, 0]);
    away = false;
    await bridge.handle(message('a', { deliveryCount: 2 }));
    expect(bridge.breaker.isOpen()).toBe(false);
  });

  test('a message that nothing matches closes the breaker as well', async () => {
    const bridge = createBridge({ recordDeliveries: () => [] });
    bridge.breaker.open();
    await bridge.handle(message('a'));
    expect(bridge.breaker.isOpen()).toBe(false);
  });

  test('a start that is refused again and again ends as a dead letter, and so do its deliveries', async () => {
    const waiting = { deliveryId: delivery('b', 'w1'), webhookId: 'w1', eventType: 'message.delivered' };
    const bridge = createBridge({
      recordDeliveries: ([m]) => [ready(m, 'w1')],
      listPendingFirstAttempts: () => [waiting],
      startDelivery: () => 'refused',
    });
    await bridge.handle(message('a'));
    await bridge.handle(message('b', { deliveryCount: MAX_REFUSALS, sequence: 2 }));
    expect(bridge.calls.filter((what) => /^(returnAfter|acknowledge|deadLetter|setOutcomes)/.test(what))).toEqual([
      'returnAfter a',
      'deadLetter',
      `setOutcomes ${waiting.deliveryId} start_refused`,
      'acknowledge b +TERM',
    ]);
    expect(bridge.deadLetters[0]).toMatchObject({ reason: 'start_refused' });
    expect(bridge.admission.messagesInFlight()).toBe(0);
  });
});

test.each([
  'recordDeliveries',
  'listPendingFirstAttempts',
  'startDelivery',
  'discardRecordedDeliveries',
  'publish',
  'acknowledge',
  'returnAfter',
] as const)('nothing is thrown and no place is lost when %s fails with an unexpected error', async (name) => {
  const fail = (): never => {
    throw new TypeError('a bug');
  };
  const recorded = name === 'listPendingFirstAttempts' ? known('a', 'w1') : undefined;
  const bridge = createBridge({
    recordDeliveries: ([m]) => [recorded ?? ready(m, 'w1')],
    startDelivery: () => (name === 'returnAfter' ? 'unavailable' : 'duplicate'),
    [name]: fail,
  });
  const raw = name === 'publish' ? { raw: '{' } : {};
  await bridge.handle(message('a', raw));
  expect(bridge.admission.messagesInFlight()).toBe(0);
  expect(bridge.calls.at(-1)).toMatch(/^count (returned|unconfirmed)$/);
});
