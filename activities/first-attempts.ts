import type { AttemptBatch, AttemptResult, DeliverWebhookInput } from '../contracts/workflows/deliver-webhook.js';
import { createAllProgress, toAttemptRequest } from '../domain/delivery/progress.js';
import type { Lane } from '../outbound/lanes/lane.js';
import { attemptDeliveries, type AttemptDeps } from './attempt-deliveries.js';
import type { AttemptSettings } from './attempt-settings.js';
import type { PrefetchCache } from './prefetch-cache.js';

/** The fast lane: all first attempts of a message at once. */
export interface FirstAttempts {
  /**
   * Called by the workflow's activity `attemptFirst`. Returns the results of attempts that were started with the workflow, or
   * makes the attempts now.
   * @throws KmsUnavailable, DatabaseError: no attempt was made.
   */
  readonly makeAttempts: (batch: AttemptBatch) => Promise<AttemptResult[]>;
  /** Called before a workflow is started, because its activity may run in this process before the start returns. */
  readonly announce: (workflow: AnnouncedWorkflow) => Announcement;
}

export interface AnnouncedWorkflow extends Pick<DeliverWebhookInput, 'accountId' | 'endpoints'> {
  readonly workflowId: string;
}

export interface Announcement {
  /** Call it when the workflow exists and runs in this process. Does nothing if `makeAttempts` was called before. */
  readonly startAttempts: () => void;
  /** Call it when the workflow does not exist or runs elsewhere. Does nothing after `startAttempts`. */
  readonly withdraw: () => void;
}

export interface FirstAttemptDeps extends AttemptDeps {
  readonly prefetchCache: Pick<PrefetchCache, 'takeContext'>;
  readonly fastLane: Lane;
  readonly slowLane: Lane;
  readonly schedule: readonly number[];
  /** Called when one first attempt has ended or was deferred: the bridge may then admit another delivery. */
  readonly firstAttemptOver: (workflowId: string) => void;
  /** Aborted on shutdown. Attempts without a permit are then deferred at once. */
  readonly stopping: AbortSignal;
}

/** A workflow task lasts 10 s by default. So an attempt without a permit after 7 s goes to the retry queue. */
const FIRST_ATTEMPT_LIMITS = { avoidSlow: true, budgetMs: 7_000, maxSendWaitMs: 100 };
/** The activity never runs here if its workflow task is lost: after 10 s the server may assign that task to another process. */
const ANNOUNCEMENT_LIFETIME_MS = 60_000;

interface AnnouncementEntry {
  readonly announcedAtMs: number;
  /** Set by `startAttempts`. */
  results?: Promise<AttemptResult[]>;
}

/**
 * Starts first attempts as soon as the server has confirmed the start of their workflow. Creating the workflow's sandbox takes
 * about as long as the start itself; the requests do not wait for it. The activity then returns their results. Either
 * `startAttempts` or the activity makes the attempts, whichever comes first, and never both.
 */
export function createFirstAttempts(deps: FirstAttemptDeps): FirstAttempts {
  const settings = createFastLaneSettings(deps);
  const attempt = (batch: AttemptBatch) => attemptDeliveries(deps, settings, batch);
  const entries = new Map<string, AnnouncementEntry>();

  function makeAttempts(batch: AttemptBatch): Promise<AttemptResult[]> {
    const started = entries.get(batch.workflowId)?.results;
    entries.delete(batch.workflowId);
    return started ?? attempt(batch);
  }

  function announce(workflow: AnnouncedWorkflow): Announcement {
    const { workflowId } = workflow;
    const entry: AnnouncementEntry = { announcedAtMs: deps.now() };
    removeExpired(entries, deps.now());
    // Two messages with the same event announce the same workflow. The first entry stays: it may hold started attempts.
    if (!entries.has(workflowId)) entries.set(workflowId, entry);
    const isOpen = () => entries.get(workflowId) === entry && entry.results === undefined;

    function startAttempts(): void {
      if (!isOpen()) return;
      entry.results = attempt(buildFirstBatch(workflow, deps.schedule));
      // `makeAttempts` passes an error on. Without this handler it would be unhandled if the activity never comes.
      entry.results.catch(() => undefined);
    }

    function withdraw(): void {
      if (isOpen()) entries.delete(workflowId);
    }

    return { startAttempts, withdraw };
  }

  return { makeAttempts, announce };
}

function createFastLaneSettings(deps: FirstAttemptDeps): AttemptSettings {
  return {
    ...FIRST_ATTEMPT_LIMITS,
    lanes: { lane: deps.fastLane, overflow: deps.slowLane },
    prefetchCache: deps.prefetchCache,
    onAttemptOver: deps.firstAttemptOver,
    stopping: deps.stopping,
  };
}

function removeExpired(entries: Map<string, AnnouncementEntry>, nowMs: number): void {
  // A Map iterates in insertion order: the oldest entry comes first.
  for (const [workflowId, { announcedAtMs }] of entries) {
    if (nowMs - announcedAtMs < ANNOUNCEMENT_LIFETIME_MS) return;
    entries.delete(workflowId);
  }
}

/** The batch that a just-dispatched message's workflow passes to `attemptFirst`. A test compares the two. */
export function buildFirstBatch(
  { accountId, workflowId, endpoints }: AnnouncedWorkflow,
  schedule: readonly number[],
): AttemptBatch {
  const deliveries = createAllProgress(endpoints, 1).map(toAttemptRequest);
  const cycle = { cycle: 0, trigger: 'dispatch', attemptsBefore: 0 } as const;
  return { accountId, workflowId, ...cycle, schedule: [...schedule], deliveries };
}
