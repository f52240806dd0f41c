import { isFinalTaskState } from '../domain/delivery/workflow-names.js';
import type { ReplayFilter, ReplayReport } from '../contracts/workflows/replay-deliveries.js';
import type { ReplayTasks } from '../control/replay-tasks.js';
import { CommandError } from './command-error.js';
import { EXIT } from './exit-codes.js';
import type { Output } from './output.js';
import type { ReplayAtRateDeps } from './replay-at-rate.js';

export interface ReplayTaskDeps extends Pick<ReplayAtRateDeps, 'wait' | 'progress'> {
  readonly startReplayTask: ReplayTasks['startTask'];
  readonly findReplayTask: ReplayTasks['findTask'];
  readonly isStopped: () => boolean;
}

export interface ReplayTaskRequest {
  readonly accountId: string;
  readonly filter: ReplayFilter;
  readonly ratePerSecond: number;
  readonly replay: { readonly requestedBy: string; readonly reason: string };
  /** Estimate for the progress bar. */
  readonly expectedDeliveries: number;
}

const POLL_INTERVAL_MS = 500;

/**
 * Starts a bulk replay in Temporal and shows its progress until it ends. After an interruption the task continues in
 * Temporal.
 */
export async function runReplayTask(deps: ReplayTaskDeps, request: ReplayTaskRequest, output: Output): Promise<number> {
  const { expectedDeliveries, ...input } = request;
  const { accountId } = request;
  const { taskId } = await deps.startReplayTask(input);
  output.writeMessage(`task ${taskId} is running; it continues if this command is interrupted`);
  const bar = deps.progress(expectedDeliveries);
  let shown = 0;
  for (;;) {
    const report = await deps.findReplayTask({ accountId, taskId });
    if (report === undefined) throw new CommandError('the task no longer exists: its workflow was deleted');
    const finished = countFinished(report);
    for (; shown < finished; shown += 1) bar.advance(`${finished} of ${expectedDeliveries}`);
    const { state, started, already } = report;
    const hasEnded = isFinalTaskState(state);
    if (hasEnded || deps.isStopped()) {
      bar.end(`${state}: ${started} replayed, ${already} were already being delivered`);
      output.writeResult({ taskId, state, started, already }, `task ${taskId} ${state}: ${started} replayed`);
      return state === 'completed' || !hasEnded ? EXIT.ok : EXIT.partial;
    }
    await deps.wait(POLL_INTERVAL_MS);
  }
}

const countFinished = ({ started, already }: Pick<ReplayReport, 'started' | 'already'>) => started + already;
