import { setTimeout as sleep } from 'node:timers/promises';
import type {
  AttemptBatch,
  AttemptFacts,
  AttemptRequest,
  AttemptResult,
} from '../contracts/workflows/deliver-webhook.js';
import type { AttemptMaterial, EndpointMaterial } from '../db/delivery-path/load-attempts.js';
import { type AttemptOutcome, outcomeOf } from '../domain/delivery/outcome.js';
import { parseRetryAfter } from '../domain/delivery/retry-after.js';
import { SecretUndecryptable } from '../keys/key-errors.js';
import type { SecretBox } from '../keys/secret-box.js';
import { openSigner } from '../keys/sign-attempt.js';
import type { EndpointHealth } from '../outbound/lanes/endpoint-health.js';
import type { PostResult } from '../outbound/post.js';
import type { AttemptLoop } from './attempt-loop.js';
import type { BeginWaiting, Waiting } from './create-revalidator.js';
import { holdSlot } from './acquire-permit.js';
import type { OutcomeWriter } from './outcome-writer.js';
import type { PaceDeps } from './pace-attempts.js';
import { type AttemptLog, attemptLog } from './attempt-log.js';
import { endpointNote, SLOW_ANSWER_MS } from './endpoint-note.js';
import { outcomeOfSettled, settledRow } from './build-attempt-row.js';
import { signAndPost, type SignAndPostDeps } from './sign-and-post.js';

export interface AttemptDeps extends SignAndPostDeps, PaceDeps {
  secrets: Pick<SecretBox, 'openKey' | 'withSecret'>;
  load: (accountId: string, requests: readonly AttemptRequest[]) => Promise<AttemptMaterial[]>;
  beginWaiting: BeginWaiting;
  skip: (delivery: { accountId: string; deliveryId: string; cycle: number }) => Promise<void>;
  writer: OutcomeWriter;
  health: Pick<EndpointHealth, 'noteSuccess' | 'noteFailure'>;
  log: (line: AttemptLog) => void;
}

export interface AttemptTask {
  loop: Omit<AttemptLoop, 'handOver'>;
  batch: AttemptBatch;
  request: AttemptRequest;
  material: AttemptMaterial | undefined;
  /** When `material` was read, in milliseconds since 1970. */
  readAtMs: number;
  deadlineMs: number;
  /** When the endpoint's rate limit lets it go; 0 without one. Milliseconds since 1970, like the deadline. */
  sendAtMs: number;
}

/**
 * One attempt of one delivery from its material to its committed row.
 * @throws KmsUnavailable, DatabaseError: infrastructure is away, no POST was made and no attempt is consumed.
 */
export async function attemptDelivery(deps: AttemptDeps, task: AttemptTask): Promise<AttemptResult> {
  const { deliveryId } = task.request;
  const { material: loaded, readAtMs } = task;
  const early = await decide(deps, task, loaded);
  if (early !== undefined || loaded === undefined) return { deliveryId, outcome: early ?? ENDPOINT_DELETED };

  const waiting = deps.beginWaiting(loaded, task.request.attempt, readAtMs);
  try {
    return await attemptInTurn(deps, task, waiting);
  } finally {
    waiting.end();
  }
}

async function attemptInTurn(deps: AttemptDeps, task: AttemptTask, waiting: Waiting): Promise<AttemptResult> {
  const { deliveryId, webhookId } = task.request;
  const paced = await waitForTurn(deps, task);
  if (paced !== undefined) return { deliveryId, outcome: paced };
  const { workflowId: group } = task.batch;
  const request = { key: webhookId, group, deadline: task.deadlineMs, signal: task.loop.stopping };
  const release = await holdSlot(task.loop.lanes, request, SLOW_ANSWER_MS);
  if (release === 'refused') return { deliveryId, outcome: withoutSlot(task.loop) };
  try {
    const material = await waiting.current();
    const late = await decide(deps, task, material);
    if (late !== undefined || material?.endpoint === undefined)
      return { deliveryId, outcome: late ?? ENDPOINT_DELETED };
    return await attemptNow(deps, task, { material, endpoint: material.endpoint, release });
  } finally {
    release();
  }
}

/** Waits for the endpoint's rate limit, or says when to come again: with the time that is reserved for it. */
async function waitForTurn({ now }: AttemptDeps, { loop, sendAtMs }: AttemptTask): Promise<AttemptOutcome | undefined> {
  const waitMs = sendAtMs - now();
  if (waitMs <= 0) return undefined;
  if (waitMs <= loop.patienceMs) {
    await sleep(waitMs, undefined, { signal: loop.stopping }).catch(() => undefined);
    return undefined;
  }
  return { kind: 'deferred', reason: 'rate', retryAfterMs: together(waitMs), slotAtMs: sendAtMs };
}

/** Attempts of the same second come again at the same time, as one activity. */
const together = (waitMs: number): number => Math.max(1_000, Math.floor(waitMs / 1_000) * 1_000);

function withoutSlot({ stopping, capacityRetryMs }: AttemptTask['loop']): AttemptOutcome {
  const deferred = { kind: 'deferred', reason: 'capacity' } as const;
  return stopping.aborted || capacityRetryMs === undefined ? deferred : { ...deferred, retryAfterMs: capacityRetryMs };
}

const ENDPOINT_DELETED: AttemptOutcome = { kind: 'giveUp', reason: 'endpoint_deleted' };

/** What ends an attempt without a POST, if anything does. */
export function outcomeWithoutRequest(
  { trigger }: Pick<AttemptBatch, 'trigger'>,
  { avoidSlow }: Pick<AttemptLoop, 'avoidSlow'>,
  material: AttemptMaterial | undefined,
): AttemptOutcome | undefined {
  if (material?.settled !== undefined) return outcomeOfSettled(material.settled);
  if (material?.endpoint === undefined) return ENDPOINT_DELETED;
  // A test is what a customer tries before enabling it again.
  if (material.endpoint.status === 'disabled' && trigger !== 'test')
    return { kind: 'skipped', reason: 'endpoint_disabled' };
  return avoidSlow && material.endpoint.slow ? { kind: 'deferred', reason: 'slow' } : undefined;
}

/** The same, and a disabled endpoint's row tells it. */
async function decide(
  deps: AttemptDeps,
  { batch, loop }: AttemptTask,
  material: AttemptMaterial | undefined,
): Promise<AttemptOutcome | undefined> {
  const outcome = outcomeWithoutRequest(batch, loop, material);
  // What a settled row tells is written already.
  if (outcome?.kind !== 'skipped' || material === undefined || material.settled !== undefined) return outcome;
  const { accountId, deliveryId } = material;
  await deps.skip({ accountId, deliveryId, cycle: batch.cycle });
  return outcome;
}

interface Ready {
  material: AttemptMaterial;
  endpoint: EndpointMaterial;
  release: () => void;
}

async function attemptNow(deps: AttemptDeps, task: AttemptTask, ready: Ready): Promise<AttemptResult> {
  const { material, endpoint, release } = ready;
  const posted = await postOrRefuse(deps, task, ready);
  const endedAtMs = deps.now();
  const outcome = posted === 'undecryptable' ? UNDECRYPTABLE : outcomeOf(withRetryAfter(posted, endedAtMs));
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
    settledRow({
      batch: task.batch,
      request: task.request,
      material,
      outcome,
      facts,
      preview: posted !== 'undecryptable' && posted.kind === 'response' ? posted.preview : null,
      endpoint: isTest ? null : endpointNote(outcome, facts, endpoint),
    }),
  );
  deps.log(attemptLog({ batch: task.batch, material, outcome, facts, recorded }));
  return { deliveryId: material.deliveryId, outcome, ...(recorded ? {} : { unrecorded: facts }) };
}

const UNDECRYPTABLE: AttemptOutcome = { kind: 'giveUp', reason: 'secret_undecryptable', code: 'secret_undecryptable' };

/** An undecryptable secret is a fact about the endpoint; everything else that is thrown is lost infrastructure. */
async function postOrRefuse(
  deps: AttemptDeps,
  { request }: AttemptTask,
  { material, endpoint }: Ready,
): Promise<PostResult | 'undecryptable'> {
  try {
    const { accountId, webhookId } = material;
    const signer = await openSigner(deps.secrets, { ...endpoint, accountId, webhookId });
    return await signAndPost(deps, { material, url: endpoint.url, signer, attempt: request.attempt });
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
