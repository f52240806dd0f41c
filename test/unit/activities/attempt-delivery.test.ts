import { describe, expect, test } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import type { AttemptSettings } from '../../../activities/attempt-settings.js';
import type { AttemptTask } from '../../../activities/attempt-delivery.js';
import type { FinishedAttempt } from '../../../db/delivery-path/load-attempts.js';
import { DatabaseError } from '../../../db/errors.js';
import { KmsUnavailable, SecretUndecryptable } from '../../../keys/key-errors.js';
import {
  answered,
  attempt,
  createWorld,
  endpoint,
  settings,
  context,
  NOW,
  request,
  secretOf,
  WEBHOOK,
} from './attempt-fake.js';

const envelope = (text: string) => Buffer.from(text);

/** Checks with the reference implementation that one of the signatures is valid for this body and secret. */
function verify(post: { body: Buffer; headers: Readonly<Record<string, string>> } | undefined, secret: Buffer): void {
  const { body = Buffer.alloc(0), headers = {} } = post ?? {};
  expect(headers['webhook-timestamp']).toBe(String(NOW / 1_000));
  const signature = new Webhook(secret.toString('base64')).sign('evt_1', new Date(NOW), body.toString('utf8'));
  expect(headers['webhook-signature']?.split(' ')).toContain(signature);
}

describe('a request', () => {
  test('carries exactly the bytes that were stored and signed', async () => {
    const world = createWorld();
    const body = '{"data": {"n": 12345678901234567890, "text": "ä€😀\\n"}, "id": "evt_1"}';
    await attempt(world, { context: context({ body }) });
    const [post] = world.posts;
    expect(post?.body.equals(Buffer.from(body))).toBe(true);
    verify(post, secretOf(envelope('envelope 1')));
  });

  test('says what it is', async () => {
    const world = createWorld();
    await attempt(world, { request: request({ attempt: 3 }) });
    expect(world.posts[0]).toMatchObject({
      url: 'https://a.example.com/',
      headers: {
        'webhook-id': 'evt_1',
        'webhook-attempt': '3',
        'content-type': 'application/json',
        'user-agent': 'webhook-dispatcher/1',
      },
    });
  });

  test('is signed with the previous secret as well while that counts, the new one first', async () => {
    const world = createWorld();
    const previousSecretEnc = envelope('envelope 0');
    await attempt(world, { context: context({ endpoint: endpoint({ previousSecretEnc }) }) });
    const [post] = world.posts;
    expect(post?.headers['webhook-signature']?.split(' ')).toHaveLength(2);
    verify(post, secretOf(envelope('envelope 1')));
    verify(post, secretOf(previousSecretEnc));
  });

  test('is signed with the current secret alone when the previous one cannot be opened', async () => {
    const previousSecretEnc = envelope('broken');
    const world = createWorld({
      openKey: (opened) => {
        if (opened.equals(previousSecretEnc)) throw new SecretUndecryptable('envelope');
      },
    });
    const outcome = await attempt(world, { context: context({ endpoint: endpoint({ previousSecretEnc }) }) });
    expect(outcome).toMatchObject({ outcome: { kind: 'delivered' } });
    expect(world.posts[0]?.headers['webhook-signature']?.split(' ')).toHaveLength(1);
  });
});

describe('an attempt that was made', () => {
  test('is on record when it is answered', async () => {
    const world = createWorld({ post: () => answered(503, { preview: 'later', retryAfter: '60', durationMs: 40 }) });
    const result = await attempt(world);
    expect(result).toEqual({
      deliveryId: 'd1',
      outcome: { kind: 'retry', code: 'http_error', status: 503, retryAfterMs: 60_000 },
    });
    expect(world.rows).toEqual([
      expect.objectContaining({
        deliveryId: 'd1',
        attempt: 1,
        status: 'failed',
        responseStatus: 503,
        preview: 'later',
        durationMs: 40,
        startedAt: new Date(NOW),
        finishedAt: new Date(NOW + 40),
        nextAttemptAt: new Date(NOW + 60_040),
      }),
    ]);
    expect(world.logged).toEqual([expect.objectContaining({ outcome: 'retry', status: 503, recorded: true })]);
  });

  test('may use a connection of the same revision of the webhook, and its line tells which it was', async () => {
    const world = createWorld({ post: () => answered(200, { connection: 'repeated' }) });
    await attempt(world, { context: context({ endpoint: endpoint({ revision: 7 }) }) });
    expect(world.posts).toMatchObject([{ endpoint: { webhookId: WEBHOOK, revision: 7 } }]);
    expect(world.logged).toMatchObject([{ outcome: 'delivered', connection: 'repeated' }]);
  });

  test('is not forgotten when its row cannot be written: the facts go to the workflow', async () => {
    const world = createWorld({ write: () => false, post: () => answered(200, { durationMs: 7, preview: 'CANARY' }) });
    const result = await attempt(world);
    expect(result).toEqual({
      deliveryId: 'd1',
      outcome: { kind: 'delivered', status: 200 },
      unrecorded: { deliveryId: 'd1', attempt: 1, startedAtMs: NOW, durationMs: 7, secretVersion: 1, revision: 1 },
    });
    expect(JSON.stringify([result, world.logged])).not.toContain('CANARY');
  });

  test('frees its slot before its row is written', async () => {
    const world = createWorld({
      write: () => {
        expect(world.lane.inUse()).toBe(0);
        return true;
      },
    });
    await attempt(world);
    expect(world.rows).toHaveLength(1);
  });

  test.each([
    ['that is gone', { post: () => answered(410) }, {}, { gone: true }],
    ['that took over a second', { post: () => answered(200, { durationMs: 1_001 }) }, {}, { slow: true }],
    ['that took a second', { post: () => answered(200, { durationMs: 1_000 }) }, {}, null],
    [
      'that timed out',
      { post: () => ({ kind: 'error', code: 'timeout', durationMs: 5_000 }) as const },
      {},
      { slow: true },
    ],
    ['that was slow and is not any more', {}, { slow: true }, { slow: false }],
    ['that was slow and fails quickly', { post: () => answered(500) }, { slow: true }, null],
    ['that succeeds, where that is news', {}, { shouldNoteSuccess: true }, { succeeded: true }],
    [
      'that fails, where that is news',
      { post: () => answered(500) },
      { shouldNoteFailure: true },
      { succeeded: false },
    ],
    ['that succeeds, where only a failure would be news', {}, { shouldNoteFailure: true }, null],
  ])('writes the note of an endpoint %s', async (_, answers, more, note) => {
    const world = createWorld(answers);
    await attempt(world, {
      settings: settings(world, { avoidSlow: false }),
      context: context({ endpoint: endpoint(more) }),
    });
    const nothing = { revision: 1, gone: false, slow: null, succeeded: null };
    expect(world.rows[0]?.endpoint).toEqual(note && { ...nothing, ...note });
  });

  test('makes its endpoint a proven one, or takes that back', async () => {
    const world = createWorld();
    const { webhookId } = context();
    await attempt(world);
    expect(world.health.isProven(webhookId)).toBe(true);
    const failing = () => Promise.resolve(answered(500));
    await attempt({ ...world, deps: { ...world.deps, post: failing } });
    expect(world.health.isProven(webhookId)).toBe(false);
  });
});

describe('no request is made', () => {
  test.each<[FinishedAttempt['status'], Partial<FinishedAttempt>, object]>([
    ['succeeded', { responseStatus: 204 }, { kind: 'delivered', status: 204 }],
    ['failed', { errorCode: 'timeout', nextDelayMs: 5_100 }, { kind: 'retry', code: 'timeout', retryAfterMs: 5_100 }],
    ['skipped', {}, { kind: 'skipped', reason: 'endpoint_disabled' }],
  ])('when the attempt was made already and %s', async (status, more, outcome) => {
    const world = createWorld();
    const nothing = { outcome: null, responseStatus: null, errorCode: null, nextDelayMs: null };
    const finished = { status, ...nothing, ...more };
    expect(await attempt(world, { context: context({ finished }) })).toEqual({ deliveryId: 'd1', outcome });
    expect([world.posts, world.rows]).toEqual([[], []]);
  });

  test('to an endpoint that was removed', async () => {
    const world = createWorld();
    for (const gone of [context({ endpoint: undefined }), undefined])
      expect((await attempt(world, { context: gone })).outcome).toEqual({
        kind: 'giveUp',
        reason: 'endpoint_deleted',
      });
    expect([world.posts, world.rows]).toEqual([[], []]);
  });

  test('to an endpoint that is disabled, which the row says', async () => {
    const world = createWorld();
    const { outcome } = await attempt(world, { context: context({ endpoint: endpoint({ status: 'disabled' }) }) });
    expect(outcome).toEqual({ kind: 'skipped', reason: 'endpoint_disabled' });
    expect([world.posts, world.skipped]).toEqual([[], ['d1']]);
  });

  test('to a slow endpoint from the fast lane; the slow lane takes it', async () => {
    const world = createWorld();
    const slow = context({ endpoint: endpoint({ slow: true }) });
    expect((await attempt(world, { context: slow })).outcome).toEqual({ kind: 'deferred', reason: 'slow' });
    expect(world.posts).toEqual([]);
    const inTheSlowLane = { context: slow, settings: settings(world, { avoidSlow: false }) };
    expect((await attempt(world, inTheSlowLane)).outcome).toMatchObject({ kind: 'delivered' });
  });

  test.each<[string, Partial<AttemptTask>, Partial<AttemptSettings>, object]>([
    ['no slot of the fast lane is free in time', { deadlineMs: NOW }, {}, {}],
    ['no slot of the slow lane is', { deadlineMs: NOW }, { capacityRetryMs: 10_000 }, { retryAfterMs: 10_000 }],
    ['the process is told to stop', {}, { stopping: AbortSignal.abort(), capacityRetryMs: 10_000 }, {}],
  ])('when %s, and no attempt is consumed', async (_, task, more, when) => {
    const world = createWorld();
    const { outcome } = await attempt(world, { ...task, settings: settings(world, more) });
    expect(outcome).toEqual({ kind: 'deferred', reason: 'capacity', ...when });
    expect([world.posts, world.rows]).toEqual([[], []]);
  });

  test('before the rate limit of the endpoint lets it go; the same second comes again together', async () => {
    const world = createWorld();
    const outcomeAt = async (sendAtMs: number) => (await attempt(world, { sendAtMs })).outcome;
    const deferred = { kind: 'deferred', reason: 'rate' };
    expect(await outcomeAt(NOW + 200)).toEqual({ ...deferred, retryAfterMs: 1_000, sendAtMs: NOW + 200 });
    expect(await outcomeAt(NOW + 4_200)).toEqual({ ...deferred, retryAfterMs: 4_000, sendAtMs: NOW + 4_200 });
    expect(await outcomeAt(NOW + 4_900)).toEqual({ ...deferred, retryAfterMs: 4_000, sendAtMs: NOW + 4_900 });
    expect([world.posts, world.rows]).toEqual([[], []]);
    expect(await outcomeAt(NOW + 50)).toMatchObject({ kind: 'delivered' });
  });

  test('with a secret that cannot be opened: the delivery is given up, on record', async () => {
    const world = createWorld({
      openKey: () => {
        throw new SecretUndecryptable('envelope');
      },
    });
    const { outcome } = await attempt(world);
    expect(outcome).toEqual({ kind: 'giveUp', reason: 'secret_undecryptable', code: 'secret_undecryptable' });
    expect(world.posts).toEqual([]);
    expect(world.rows[0]).toMatchObject({ status: 'failed', errorCode: 'secret_undecryptable', outcome: null });
    expect(world.lane.inUse()).toBe(0);
  });
});

describe('material that is older than a second', () => {
  const stale = { readAtMs: NOW - 1_000 };

  test('is read again, and a secret and URL that were changed meanwhile are used', async () => {
    const rotated = endpoint({ url: 'https://b.example.com/', secretEnc: envelope('envelope 2'), secretVersion: 2 });
    const world = createWorld({ revalidate: () => ({ endpoint: rotated, noLongerPending: [] }) });
    await attempt(world, stale);
    expect(world.posts[0]?.url).toBe('https://b.example.com/');
    verify(world.posts[0], secretOf(envelope('envelope 2')));
    expect(world.rows[0]?.secretVersion).toBe(2);
  });

  test('is not read again while it is fresh', async () => {
    const world = createWorld();
    await attempt(world, { readAtMs: NOW - 999 });
    expect(world.revalidated).toEqual([]);
  });

  test.each([
    ['removed', undefined, { kind: 'giveUp', reason: 'endpoint_deleted' }],
    ['disabled', endpoint({ status: 'disabled' }), { kind: 'skipped' }],
    ['slow', endpoint({ slow: true }), { kind: 'deferred', reason: 'slow' }],
  ])('does not reach an endpoint that is %s by now', async (_, current, outcome) => {
    const world = createWorld({ revalidate: () => ({ endpoint: current, noLongerPending: [] }) });
    expect((await attempt(world, stale)).outcome).toMatchObject(outcome);
    expect([world.posts, world.lane.inUse()]).toEqual([[], 0]);
  });

  test('does not send what another run has sent by now', async () => {
    const settled = { status: 'succeeded', outcome: 'delivered', responseStatus: 200, errorCode: null } as const;
    const noLongerPending = [{ deliveryId: 'd1', attempt: 1, settled: { ...settled, nextDelayMs: null } }];
    const world = createWorld({ revalidate: () => ({ endpoint: endpoint(), noLongerPending }) });
    expect((await attempt(world, stale)).outcome).toMatchObject({ kind: 'delivered' });
    expect(world.posts).toEqual([]);
  });
});

describe('lost infrastructure is thrown, and the slot is free again:', () => {
  const thrower = (error: Error) => () => {
    throw error;
  };
  test.each([
    ['the key service', { openKey: thrower(new KmsUnavailable('timeout')) }, {}, { name: 'KmsUnavailable' }],
    [
      'the database while reading',
      { revalidate: thrower(new DatabaseError('unavailable', 'X1')) },
      { readAtMs: 0 },
      { code: 'X1' },
    ],
    [
      'the database while skipping',
      { skip: thrower(new DatabaseError('unavailable', 'X2')) },
      { context: context({ endpoint: endpoint({ status: 'disabled' }) }) },
      { code: 'X2' },
    ],
  ])('%s', async (_, answers, task, error) => {
    const world = createWorld(answers);
    await expect(attempt(world, task)).rejects.toMatchObject(error);
    expect([world.posts, world.rows, world.lane.inUse()]).toEqual([[], [], 0]);
  });
});
