import { createHash, createSecretKey } from 'node:crypto';
import type { AttemptSettings } from '../../../activities/attempt-settings.js';
import type { AttemptDeps } from '../../../activities/attempt-deliveries.js';
import { attemptDelivery, type AttemptTask } from '../../../activities/attempt-delivery.js';
import { createRevalidator } from '../../../activities/create-revalidator.js';
import type { AttemptBatch, AttemptRequest } from '../../../contracts/workflows/deliver-webhook.js';
import type { AttemptContext, EndpointContext } from '../../../db/delivery-path/load-attempts.js';
import type { RevalidationResult } from '../../../db/delivery-path/revalidate-attempts.js';
import type { Reservation } from '../../../db/delivery-path/reserve-requests.js';
import type { FinishedAttemptRow } from '../../../db/delivery-path/persist-attempts.js';
import { createEndpointHealth } from '../../../outbound/lanes/endpoint-health.js';
import { createLane } from '../../../outbound/lanes/lane.js';
import type { PostRequest, PostResult } from '../../../outbound/post.js';

export const ACCOUNT = '11111111-2222-4333-8444-555555555555';
export const WEBHOOK = '11111111-2222-4333-8444-000000000001';
export const NOW = Date.UTC(2026, 10, 23, 10);

export const answered = (status: number, more: Partial<Extract<PostResult, { kind: 'response' }>> = {}): PostResult => {
  return { kind: 'response', status, preview: 'ok', truncated: false, durationMs: 20, ...more };
};

/** The plaintext that the fake secret box returns for an envelope. */
export const secretOf = (envelope: Buffer): Buffer => createHash('sha256').update(envelope).digest();

export const endpoint = (more: Partial<EndpointContext> = {}): EndpointContext => {
  const envelope = Buffer.from('envelope 1');
  return {
    url: 'https://a.example.com/',
    secretEnc: envelope,
    secretVersion: 1,
    status: 'enabled',
    slow: false,
    revision: 1,
    shouldNoteSuccess: false,
    shouldNoteFailure: false,
    rateLimit: null,
    ...more,
  };
};

export const context = (more: Partial<AttemptContext> = {}): AttemptContext => {
  const ids = { deliveryId: 'd1', accountId: ACCOUNT, webhookId: WEBHOOK, eventId: 'evt_1', eventType: 'order.paid' };
  return {
    ...ids,
    body: '{"id": "evt_1", "data": {"text": "ä€😀"}}',
    endpoint: endpoint(),
    finished: undefined,
    ...more,
  };
};

export const request = (more: Partial<AttemptRequest> = {}): AttemptRequest => {
  return { deliveryId: 'd1', webhookId: WEBHOOK, attempt: 1, jitterKey: 'd1', ...more };
};

export const batch = (more: Partial<AttemptBatch> = {}): AttemptBatch => {
  const schedule = [0, 5_000, 300_000];
  const common = { accountId: ACCOUNT, workflowId: 'wh-1', cycle: 0, trigger: 'dispatch' as const, attemptsBefore: 0 };
  return { ...common, schedule, deliveries: [request()], ...more };
};

/** A stopped clock and fake dependencies that record their calls. */
export function createWorld(answers: Partial<Answers> = {}) {
  const give: Answers = { ...usual, ...answers };
  const clock = { nowMs: NOW };
  const now = () => clock.nowMs;
  const posts: PostRequest[] = [];
  const rows: FinishedAttemptRow[] = [];
  const logged: unknown[] = [];
  const skipped: string[] = [];
  const loads: string[][] = [];
  const revalidated: string[][] = [];
  const reserved: number[] = [];
  const health = createEndpointHealth({ now });
  const lane = createLane({ capacity: 2, now });
  const deps: AttemptDeps = {
    secrets: {
      openKey: async (envelope) => {
        await give.openKey(envelope);
        return createSecretKey(Buffer.alloc(32));
      },
      withSecret: ({ envelope }, use) => use(secretOf(envelope)),
    },
    loadAttempts: async (_, requests) => {
      loads.push(requests.map(({ deliveryId }) => deliveryId));
      return await Promise.resolve(give.load(requests));
    },
    trackPendingAttempt: createRevalidator({
      revalidateAttempts: async ({ attempts }) => {
        revalidated.push(attempts.map(({ deliveryId }) => deliveryId));
        return await Promise.resolve(give.revalidate());
      },
      now,
    }),
    setOutcomes: async ({ deliveryIds, outcome }) => {
      if (outcome === 'skipped_disabled') skipped.push(...deliveryIds);
      await Promise.resolve(give.skip());
    },
    writer: {
      write: async (row) => {
        rows.push(row);
        return await Promise.resolve(give.write(row));
      },
    },
    post: async (request) => {
      posts.push(request);
      const posted = await give.post(request);
      clock.nowMs += posted.durationMs;
      return posted;
    },
    reserveRequests: async (request) => {
      reserved.push(request.count);
      return await Promise.resolve(give.reserve());
    },
    log: (line) => void logged.push(line),
    health,
    now,
  };
  return { deps, lane, health, posts, rows, logged, skipped, loads, revalidated, reserved, clock };
}

export type World = ReturnType<typeof createWorld>;

interface Answers {
  openKey: (envelope: Buffer) => void | Promise<void>;
  load: (requests: readonly AttemptRequest[]) => AttemptContext[];
  revalidate: () => RevalidationResult;
  skip: () => void;
  write: (row: FinishedAttemptRow) => boolean;
  post: (request: PostRequest) => PostResult | Promise<PostResult>;
  reserve: () => Reservation | undefined;
}

const usual: Answers = {
  openKey: () => undefined,
  load: (requests) => requests.map(({ deliveryId }) => context({ deliveryId })),
  revalidate: () => ({ endpoint: endpoint(), noLongerPending: [] }),
  skip: () => undefined,
  write: () => true,
  post: () => answered(200),
  reserve: () => undefined,
};

/** One attempt whose context was read just now. */
export function attempt(world: World, task: Partial<AttemptTask> = {}) {
  const common = { batch: batch(), request: request(), context: context(), readAtMs: world.clock.nowMs };
  const when = { deadlineMs: world.clock.nowMs + 7_000, sendAtMs: 0 };
  return attemptDelivery(world.deps, { ...common, settings: settings(world), ...when, ...task });
}

export const settings = (world: World, more: Partial<AttemptSettings> = {}): AttemptSettings => {
  const { signal: stopping } = new AbortController();
  return { lanes: { lane: world.lane }, avoidSlow: true, budgetMs: 7_000, maxSendWaitMs: 100, stopping, ...more };
};
