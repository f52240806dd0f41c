import type {
  AttemptBatch,
  AttemptFacts,
  AttemptRequest,
  AttemptResult,
} from '../contracts/workflows/deliver-webhook.js';
import type { AttemptContext, EndpointContext } from '../db/delivery-path/load-attempts.js';
import type { FinishedAttemptRow } from '../db/delivery-path/persist-attempts.js';
import { type AttemptOutcome, decideOutcome, type PostOutcome } from '../domain/delivery/outcome.js';
import { parseRetryAfter } from '../domain/delivery/retry-after.js';
import { SecretUndecryptable } from '../keys/key-errors.js';
import type { SecretBox } from '../keys/secret-box.js';
import { loadEndpointKeys } from '../keys/load-endpoint-keys.js';
import type { EndpointHealth } from '../outbound/lanes/endpoint-health.js';
import type { PostResult } from '../outbound/post.js';
import { type AttemptLogLine, buildAttemptLogLine } from './attempt-log.js';
import { buildFinishedAttemptRow } from './build-finished-attempt-row.js';
import { deriveEndpointNote } from './endpoint-note.js';
import type { OutcomeWriter } from './outcome-writer.js';
import { signAndPost, type SignAndPostDeps } from './sign-and-post.js';

export interface AttemptAndRecordDeps extends SignAndPostDeps {
  readonly secrets: Pick<SecretBox, 'openKey' | 'withSecret'>;
  readonly writer: OutcomeWriter;
  readonly health: Pick<EndpointHealth, 'noteSuccess' | 'noteFailure'>;
  readonly log: (line: AttemptLogLine) => void;
}

/** An attempt that holds a permit and has current data of its endpoint. */
export interface PermittedAttempt {
  readonly batch: AttemptBatch;
  readonly request: AttemptRequest;
  readonly context: AttemptContext;
  readonly endpoint: EndpointContext;
  readonly releasePermit: () => void;
}

/**
 * Makes one attempt: sign, POST, release the permit, write the row.
 * @throws KmsUnavailable: no POST was made and no attempt is consumed.
 */
export async function attemptAndRecord(deps: AttemptAndRecordDeps, attempt: PermittedAttempt): Promise<AttemptResult> {
  const { batch, context } = attempt;
  const { deliveryId } = context;
  const posted = await postOrReportUndecryptable(deps, attempt);
  const endedAtMs = deps.now();
  const outcome = posted === 'undecryptable' ? UNDECRYPTABLE : decideOutcome(toPostOutcome(posted, endedAtMs));
  // Before the permit is released: the lane chooses the next request by the endpoints' health.
  if (batch.trigger !== 'test') noteHealth(deps.health, context.webhookId, outcome);
  // The permit is for the request only. Writing the row may take longer.
  attempt.releasePermit();

  const facts = collectFacts(attempt, posted, endedAtMs);
  const recorded = await deps.writer.write(buildRow(attempt, { posted, outcome, facts }));
  deps.log(buildAttemptLogLine({ batch, context, outcome, facts, posted, recorded }));
  return { deliveryId, outcome, ...(recorded ? {} : { unrecorded: facts }) };
}

const UNDECRYPTABLE: AttemptOutcome = { kind: 'giveUp', reason: 'secret_undecryptable', code: 'secret_undecryptable' };

/** An undecryptable secret is a property of the endpoint. Every other error means unavailable infrastructure and is thrown. */
async function postOrReportUndecryptable(
  deps: AttemptAndRecordDeps,
  { request, context, endpoint }: PermittedAttempt,
): Promise<PostResult | 'undecryptable'> {
  try {
    const { accountId, webhookId } = context;
    const signer = await loadEndpointKeys(deps.secrets, { ...endpoint, accountId, webhookId });
    return await signAndPost(deps, { context, endpoint, signer, attempt: request.attempt });
  } catch (error) {
    if (error instanceof SecretUndecryptable) return 'undecryptable';
    throw error;
  }
}

const toPostOutcome = (posted: PostResult, nowMs: number): PostOutcome =>
  posted.kind === 'error'
    ? posted
    : { kind: posted.kind, status: posted.status, retryAfterMs: parseRetryAfter(posted.retryAfter, nowMs) };

function noteHealth(health: AttemptAndRecordDeps['health'], webhookId: string, outcome: AttemptOutcome): void {
  if (outcome.kind === 'delivered') health.noteSuccess(webhookId);
  else health.noteFailure(webhookId);
}

function collectFacts(
  { request, context, endpoint }: PermittedAttempt,
  posted: PostResult | 'undecryptable',
  endedAtMs: number,
): AttemptFacts {
  const durationMs = posted === 'undecryptable' ? 0 : posted.durationMs;
  return {
    deliveryId: context.deliveryId,
    attempt: request.attempt,
    startedAtMs: endedAtMs - durationMs,
    durationMs,
    secretVersion: endpoint.secretVersion,
    revision: endpoint.revision,
  };
}

interface AttemptConclusion {
  readonly posted: PostResult | 'undecryptable';
  readonly outcome: AttemptOutcome;
  readonly facts: AttemptFacts;
}

/** A test says nothing about the endpoint: its row carries no endpoint note. */
function buildRow(attempt: PermittedAttempt, { posted, outcome, facts }: AttemptConclusion): FinishedAttemptRow {
  const { batch, request, context, endpoint } = attempt;
  return buildFinishedAttemptRow({
    batch,
    request,
    context,
    outcome,
    facts,
    preview: posted !== 'undecryptable' && posted.kind === 'response' ? posted.preview : null,
    endpoint: batch.trigger === 'test' ? null : deriveEndpointNote(outcome, facts, endpoint),
  });
}
