import { setTimeout as sleep } from 'node:timers/promises';
import type {
  AttemptBatch,
  AttemptFacts,
  AttemptRequest,
  AttemptResult,
} from '../contracts/workflows/deliver-webhook.js';
import type { AttemptContext, EndpointContext } from '../db/delivery-path/load-attempts.js';
import { type AttemptOutcome, decideOutcome } from '../domain/delivery/outcome.js';
import { parseRetryAfter } from '../domain/delivery/retry-after.js';
import { SecretUndecryptable } from '../keys/key-errors.js';
import type { SecretBox } from '../keys/secret-box.js';
import { loadEndpointKeys } from '../keys/sign-attempt.js';
import type { EndpointHealth } from '../outbound/lanes/endpoint-health.js';
import type { PostResult } from '../outbound/post.js';
import type { AttemptLoop } from './attempt-loop.js';
import type { TrackPendingAttempt, TrackedAttempt } from './create-revalidator.js';
import { acquirePermit } from './acquire-permit.js';
import type { OutcomeWriter } from './outcome-writer.js';
import type { PaceDeps } from './pace-attempts.js';
import { type AttemptLogLine, buildAttemptLogLine } from './attempt-log.js';
import { type DecideDeps, decideWithoutRequest, ENDPOINT_DELETED } from './decide-without-request.js';
import { deriveEndpointNote, SLOW_ANSWER_MS } from './endpoint-note.js';
import { buildFinishedAttemptRow } from './build-finished-attempt-row.js';
import { signAndPost, type SignAndPostDeps } from './sign-and-post.js';

export interface AttemptDeps extends SignAndPostDeps, PaceDeps, DecideDeps {
  readonly secrets: Pick<SecretBox, 'openKey' | 'withSecret'>;
  readonly loadAttempts: (accountId: string, requests: readonly AttemptRequest[]) => Promise<AttemptContext[]>;
  readonly trackPendingAttempt: TrackPendingAttempt;
  readonly writer: OutcomeWriter;
  readonly health: Pick<EndpointHealth, 'noteSuccess' | 'noteFailure'>;
  readonly log: (line: AttemptLogLine) => void;
}

export interface AttemptTask {
  readonly loop: Omit<AttemptLoop, 'prefetchCache'>;
  readonly batch: AttemptBatch;
  readonly request: AttemptRequest;
  readonly context: AttemptContext | undefined;
  /** When `material` was read, in milliseconds since 1970. */
  readonly readAtMs: number;
  readonly deadlineMs: number;
  /** When the endpoint's rate limit lets it go; 0 without one. Milliseconds since 1970, like the deadline. */
  readonly sendAtMs: number;
}

/**
 * One attempt of one delivery from its material to its committed row.
 * @throws KmsUnavailable, DatabaseError: infrastructure is away, no POST was made and no attempt is consumed.
 */
export async function attemptDelivery(deps: AttemptDeps, task: AttemptTask): Promise<AttemptResult> {
  const { deliveryId } = task.request;
  const { context: loaded, readAtMs } = task;
  const early = await decideWithoutRequest(deps, task, loaded);
  if (early !== undefined || loaded === undefined) return { deliveryId, outcome: early ?? ENDPOINT_DELETED };

  const waiting = deps.trackPendingAttempt(loaded, task.request.attempt, readAtMs);
  try {
    return await attemptWithPermit(deps, task, waiting);
  } finally {
    waiting.untrack();
  }
}

async function attemptWithPermit(
  deps: AttemptDeps,
  task: AttemptTask,
  waiting: TrackedAttempt,
): Promise<AttemptResult> {
  const { deliveryId, webhookId } = task.request;
  const paced = await waitForSendTime(deps, task);
  if (paced !== undefined) return { deliveryId, outcome: paced };
  const { workflowId: group } = task.batch;
  const request = { key: webhookId, group, deadlineMs: task.deadlineMs, signal: task.loop.stopping };
  const release = await acquirePermit(task.loop.lanes, request, SLOW_ANSWER_MS);
  if (release === 'refused') return { deliveryId, outcome: deferWithoutPermit(task.loop) };
  try {
    const context = await waiting.revalidate();
    const late = await decideWithoutRequest(deps, task, context);
    if (late !== undefined || context?.endpoint === undefined) return { deliveryId, outcome: late ?? ENDPOINT_DELETED };
    return await attemptAndRecord(deps, task, { context, endpoint: context.endpoint, release });
  } finally {
    release();
  }
}

/** Waits for the endpoint's rate limit, or says when to come again: with the time that is reserved for it. */
async function waitForSendTime(
  { now }: AttemptDeps,
  { loop, sendAtMs }: AttemptTask,
): Promise<AttemptOutcome | undefined> {
  const waitMs = sendAtMs - now();
  if (waitMs <= 0) return undefined;
  if (waitMs <= loop.maxSendWaitMs) {
    await sleep(waitMs, undefined, { signal: loop.stopping }).catch(() => undefined);
    return undefined;
  }
  return { kind: 'deferred', reason: 'rate', retryAfterMs: roundDownToSecond(waitMs), sendAtMs };
}

/** Attempts of the same second come again at the same time, as one activity. */
const roundDownToSecond = (waitMs: number): number => Math.max(1_000, Math.floor(waitMs / 1_000) * 1_000);

function deferWithoutPermit({ stopping, capacityRetryMs }: AttemptTask['loop']): AttemptOutcome {
  const deferred = { kind: 'deferred', reason: 'capacity' } as const;
  return stopping.aborted || capacityRetryMs === undefined ? deferred : { ...deferred, retryAfterMs: capacityRetryMs };
}

interface PermittedAttempt {
  readonly context: AttemptContext;
  readonly endpoint: EndpointContext;
  readonly release: () => void;
}

async function attemptAndRecord(deps: AttemptDeps, task: AttemptTask, ready: PermittedAttempt): Promise<AttemptResult> {
  const { context: material, endpoint, release } = ready;
  const posted = await postOrReportUndecryptable(deps, task, ready);
  const endedAtMs = deps.now();
  const outcome = posted === 'undecryptable' ? UNDECRYPTABLE : decideOutcome(withRetryAfter(posted, endedAtMs));
  const isTest = task.batch.trigger === 'test';
  if (!isTest) noteHealth(deps.health, material.webhookId, outcome);
  // The slot is for the request; the row may take longer. What the request told decides who is next.
  release();
  const durationMs = posted === 'undecryptable' ? 0 : posted.durationMs;
  const facts: AttemptFacts = {
    deliveryId: material.deliveryId,
    attempt: task.request.attempt,
    startedAtMs: endedAtMs - durationMs,
    durationMs,
    secretVersion: endpoint.secretVersion,
    revision: endpoint.revision,
  };
  const recorded = await deps.writer.write(
    buildFinishedAttemptRow({
      batch: task.batch,
      request: task.request,
      context: material,
      outcome,
      facts,
      preview: posted !== 'undecryptable' && posted.kind === 'response' ? posted.preview : null,
      endpoint: isTest ? null : deriveEndpointNote(outcome, facts, endpoint),
    }),
  );
  deps.log(buildAttemptLogLine({ batch: task.batch, context: material, outcome, facts, recorded }));
  return { deliveryId: material.deliveryId, outcome, ...(recorded ? {} : { unrecorded: facts }) };
}

const UNDECRYPTABLE: AttemptOutcome = { kind: 'giveUp', reason: 'secret_undecryptable', code: 'secret_undecryptable' };

/** An undecryptable secret is a fact about the endpoint; everything else that is thrown is lost infrastructure. */
async function postOrReportUndecryptable(
  deps: AttemptDeps,
  { request }: AttemptTask,
  { context: material, endpoint }: PermittedAttempt,
): Promise<PostResult | 'undecryptable'> {
  try {
    const { accountId, webhookId } = material;
    const signer = await loadEndpointKeys(deps.secrets, { ...endpoint, accountId, webhookId });
    return await signAndPost(deps, { context: material, url: endpoint.url, signer, attempt: request.attempt });
  } catch (error) {
    if (error instanceof SecretUndecryptable) return 'undecryptable';
    throw error;
  }
}

const withRetryAfter = (posted: PostResult, nowMs: number) =>
  posted.kind === 'error'
    ? posted
    : { kind: posted.kind, status: posted.status, retryAfterMs: parseRetryAfter(posted.retryAfter, nowMs) };

function noteHealth(health: AttemptDeps['health'], webhookId: string, outcome: AttemptOutcome): void {
  if (outcome.kind === 'delivered') health.noteSuccess(webhookId);
  else health.noteFailure(webhookId);
}
