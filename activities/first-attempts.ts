import type { AttemptBatch, AttemptResult, DeliverWebhookInput } from '../contracts/workflows/deliver-webhook.js';
import type { SetOutcomesRequest } from '../db/delivery-path/set-outcomes.js';
import { toAttemptRequest, createAllProgress } from '../domain/delivery/progress.js';
import type { Lane } from '../outbound/lanes/lane.js';
import { attemptDeliveries } from './attempt-deliveries.js';
import type { AttemptDeps } from './attempt-delivery.js';
import type { PrefetchCache } from './prefetch-cache.js';
import { skipDisabled } from './skip-disabled.js';

/** The fast lane: all first attempts of a message at once, made for its workflow's `attemptFirst`. */
export interface FirstAttempts {
  /**
   * Makes them, or takes over what was begun when the workflow was started.
   * @throws KmsUnavailable, DatabaseError: nothing at all could be done.
   */
  readonly makeAttempts: (batch: AttemptBatch) => Promise<AttemptResult[]>;
  /** To be told before a workflow is started in this process, so that its activity cannot come unnoticed. */
  readonly announce: (workflow: AnnouncedWorkflow) => Announced;
}

export interface AnnouncedWorkflow extends Pick<DeliverWebhookInput, 'accountId' | 'endpoints'> {
  readonly workflowId: string;
}

export interface Announced {
  /** The workflow exists and its first task is here: what it will ask for is begun. Does nothing where it has asked already. */
  readonly begin: () => void;
  /** It does not exist, or runs elsewhere. Does nothing after `begin`. */
  readonly withdraw: () => void;
}

export interface FirstAttemptDeps extends Omit<AttemptDeps, 'skipDisabled'> {
  readonly prefetchCache: Pick<PrefetchCache, 'takeContext'>;
  readonly fastLane: Lane;
  readonly slowLane: Lane;
  readonly setOutcomes: (settlement: SetOutcomesRequest) => Promise<void>;
  readonly schedule: readonly number[];
  /** Told when one first attempt is over or handed on: the bridge may begin the next one. */
  readonly firstAttemptOver: (workflowId: string) => void;
  /** Aborted when the process is told to stop: what has not begun is handed back. */
  readonly stopping: AbortSignal;
}

/** A workflow task lasts 10 s by default; what has not begun after 7 s goes to the retry queue instead of prolonging it. */
const FIRST_ATTEMPT_LIMITS = { avoidSlow: true, budgetMs: 7_000, maxSendWaitMs: 100 };
/** A workflow that has not asked by then was lost with its task, which is handed out again after 10 s, maybe elsewhere. */
const FORGOTTEN_AFTER_MS = 60_000;

interface Entry {
  readonly atMs: number;
  results?: Promise<AttemptResult[]>;
}

/**
 * Between the start of a workflow and its activity lies the creation of its sandbox, as long as the start itself. The
 * requests do not wait for that: they are begun as soon as the server has confirmed the start, and the activity answers with
 * their results. Whoever comes first makes them, and nobody twice.
 */
export function createFirstAttempts(deps: FirstAttemptDeps): FirstAttempts {
  const { now, prefetchCache, fastLane: lane, slowLane: overflow, stopping, firstAttemptOver: onAttemptOver } = deps;
  const attempting = { ...deps, skipDisabled: skipDisabled(deps.setOutcomes) };
  const loop = { ...FIRST_ATTEMPT_LIMITS, lanes: { lane, overflow }, prefetchCache, onAttemptOver, stopping };
  const attempt = (batch: AttemptBatch) => attemptDeliveries(attempting, loop, batch);
  const announced = new Map<string, Entry>();

  function forgetOld(): void {
    // A Map iterates in insertion order: the oldest come first.
    for (const [workflowId, { atMs }] of announced) {
      if (now() - atMs < FORGOTTEN_AFTER_MS) return;
      announced.delete(workflowId);
    }
  }

  return {
    makeAttempts: (batch) => {
      const entry = announced.get(batch.workflowId);
      announced.delete(batch.workflowId);
      return entry?.results ?? attempt(batch);
    },
    announce: (workflow) => {
      const { workflowId } = workflow;
      const entry: Entry = { atMs: now() };
      forgetOld();
      // Another message's that brings the same event at once may have begun already: its attempts stay where they are found.
      if (!announced.has(workflowId)) announced.set(workflowId, entry);
      const isOpen = () => announced.get(workflowId) === entry && entry.results === undefined;
      return {
        begin: () => {
          if (!isOpen()) return;
          entry.results = attempt(buildFirstBatch(workflow, deps.schedule));
          // Told to the activity, and to nobody where it never comes.
          entry.results.catch(() => undefined);
        },
        withdraw: () => {
          if (isOpen()) announced.delete(workflowId);
        },
      };
    },
  };
}

/** What a just-dispatched message's workflow asks for first. A test holds it against what the workflow really asks. */
export function buildFirstBatch(
  { accountId, workflowId, endpoints }: AnnouncedWorkflow,
  schedule: readonly number[],
): AttemptBatch {
  const deliveries = createAllProgress(endpoints, 1).map(toAttemptRequest);
  const cycle = { cycle: 0, trigger: 'dispatch', attemptsBefore: 0 } as const;
  return { accountId, workflowId, ...cycle, schedule: [...schedule], deliveries };
}
