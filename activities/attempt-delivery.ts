import type { AttemptBatch, AttemptFacts, AttemptRequest, AttemptResult } from '../contracts/delivery.js';
import type { AttemptMaterial, EndpointMaterial } from '../db/load-attempts.js';
import { type AttemptOutcome, outcomeOf } from '../domain/delivery/outcome.js';
import { parseRetryAfter } from '../domain/delivery/retry-after.js';
import { SecretUndecryptable } from '../keys/key-errors.js';
import type { SecretBox } from '../keys/secret-box.js';
import type { EndpointHealth } from '../outbound/endpoint-health.js';
import type { Lane } from '../outbound/lanes.js';
import type { PostResult } from '../outbound/post.js';
import type { OutcomeWriter } from './outcome-writer.js';
import { type AttemptLog, attemptLog } from './attempt-log.js';
import { endpointNote } from './endpoint-note.js';
import { outcomeOfSettled, settledRow } from './settled-row.js';
import { type DataKey, signAndPost, type SignAndPostDeps } from './sign-and-post.js';

export interface AttemptDeps extends SignAndPostDeps {
  secrets: Pick<SecretBox, 'openKey' | 'withSecret'>;
  load: (accountId: string, requests: readonly AttemptRequest[]) => Promise<AttemptMaterial[]>;
  skip: (delivery: { accountId: string; deliveryId: string; cycle: number }) => Promise<void>;
  writer: OutcomeWriter;
  health: EndpointHealth;
  log: (line: AttemptLog) => void;
}

export interface AttemptTask {
  batch: AttemptBatch;
  request: AttemptRequest;
  material: AttemptMaterial | undefined;
  /** When `material` was read, in milliseconds since 1970. */
  readAtMs: number;
  lane: Lane;
  /** First attempts leave the fast lane to others when their endpoint is known to be slow. */
  avoidSlow: boolean;
  deadlineMs: number;
  stopping: AbortSignal;
}

/** What is read about an endpoint counts for so long: an attempt uses the URL and secret that are current when it is made. */
const MATERIAL_FRESH_MS = 1_000;

/**
 * One attempt of one delivery from its material to its committed row.
 * @throws KmsUnavailable, DatabaseError: infrastructure is away, no POST was made and no attempt is consumed.
 */
export async function attemptDelivery(deps: AttemptDeps, task: AttemptTask): Promise<AttemptResult> {
  const { deliveryId, webhookId } = task.request;
  const early = await decide(deps, task, task.material);
  if (early !== undefined) return { deliveryId, outcome: early };

  const release = await task.lane.acquire({
    key: webhookId,
    proven: deps.health.isProven(webhookId),
    deadline: task.deadlineMs,
    signal: task.stopping,
  });
  if (release === 'expired') return { deliveryId, outcome: { kind: 'deferred', reason: 'capacity' } };
  try {
    const material = await currentMaterial(deps, task);
    const late = await decide(deps, task, material);
    if (late !== undefined || material?.endpoint === undefined)
      return { deliveryId, outcome: late ?? ENDPOINT_DELETED };
    return await attemptNow(deps, task, { material, endpoint: material.endpoint, release });
  } finally {
    release();
  }
}

const ENDPOINT_DELETED: AttemptOutcome = { kind: 'giveUp', reason: 'endpoint_deleted' };

/** What ends the attempt without a POST, if anything does. */
async function decide(
  deps: AttemptDeps,
  { batch, request, avoidSlow }: AttemptTask,
  material: AttemptMaterial | undefined,
): Promise<AttemptOutcome | undefined> {
  if (material?.settled !== undefined) return outcomeOfSettled(material.settled);
  if (material?.endpoint === undefined) return ENDPOINT_DELETED;
  if (material.endpoint.status === 'disabled') {
    await deps.skip({ accountId: material.accountId, deliveryId: request.deliveryId, cycle: batch.cycle });
    return { kind: 'skipped', reason: 'endpoint_disabled' };
  }
  return avoidSlow && material.endpoint.slow ? { kind: 'deferred', reason: 'slow' } : undefined;
}

async function currentMaterial(deps: AttemptDeps, { batch, request, material, readAtMs }: AttemptTask) {
  if (deps.now() - readAtMs < MATERIAL_FRESH_MS) return material;
  const [reread] = await deps.load(batch.accountId, [request]);
  return reread;
}

interface Ready {
  material: AttemptMaterial;
  endpoint: EndpointMaterial;
  release: () => void;
}

async function attemptNow(deps: AttemptDeps, task: AttemptTask, ready: Ready): Promise<AttemptResult> {
  const { material, endpoint, release } = ready;
  const startedAtMs = deps.now();
  const posted = await postOrRefuse(deps, task, ready);
  // The slot is for the request; the row may take longer.
  release();
  const outcome = posted === 'undecryptable' ? UNDECRYPTABLE : outcomeOf(withRetryAfter(posted, deps.now()));
  const facts: AttemptFacts = {
    deliveryId: material.deliveryId,
    attempt: task.request.attempt,
    startedAtMs,
    durationMs: posted === 'undecryptable' ? 0 : posted.durationMs,
    secretVersion: endpoint.secretVersion,
    revision: endpoint.revision,
  };
  noteHealth(deps.health, material.webhookId, outcome);
  const recorded = await deps.writer.write(
    settledRow({
      batch: task.batch,
      request: task.request,
      material,
      outcome,
      facts,
      preview: posted !== 'undecryptable' && posted.kind === 'response' ? posted.preview : null,
      endpoint: endpointNote(outcome, facts, endpoint),
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
    const dataKey: DataKey = await deps.secrets.openKey(endpoint.secretEnc, material.accountId);
    const previousKey = await previousDataKey(deps, material.accountId, endpoint);
    return await signAndPost(deps, { material, endpoint, dataKey, previousKey, attempt: request.attempt });
  } catch (error) {
    if (error instanceof SecretUndecryptable) return 'undecryptable';
    throw error;
  }
}

/** A previous secret that cannot be opened is no reason to stop: the current one signs alone. */
async function previousDataKey(deps: AttemptDeps, accountId: string, { previousSecretEnc }: EndpointMaterial) {
  if (previousSecretEnc === undefined) return undefined;
  try {
    return await deps.secrets.openKey(previousSecretEnc, accountId);
  } catch (error) {
    if (error instanceof SecretUndecryptable) return undefined;
    throw error;
  }
}

const withRetryAfter = (posted: PostResult, nowMs: number) =>
  posted.kind === 'error'
    ? posted
    : { kind: posted.kind, status: posted.status, retryAfterMs: parseRetryAfter(posted.retryAfter, nowMs) };

function noteHealth(health: EndpointHealth, webhookId: string, outcome: AttemptOutcome): void {
  if (outcome.kind === 'delivered') health.noteSuccess(webhookId);
  else health.noteFailure(webhookId);
}
