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
  /** How many deliveries it will come to, as far as is known. */
  readonly expectedDeliveries: number;
}

const LOOK_EVERY_MS = 500;

/** Starts a bulk replay in Temporal and looks on until it is over. It goes on by itself when nobody looks on any more. */
export async function runReplayTask(deps: ReplayTaskDeps, asked: ReplayTaskRequest, output: Output): Promise<number> {
  const { expectedDeliveries, ...input } = asked;
  const { accountId } = asked;
  const { taskId } = await deps.startReplayTask(input);
  output.writeMessage(`task ${taskId} is running; it goes on when this command is interrupted`);
  const bar = deps.progress(expectedDeliveries);
  for (let told = 0; ;) {
    const report = await deps.findReplayTask({ accountId, taskId });
    if (report === undefined) throw new CommandError('the task is gone: somebody removed its workflow');
    for (; told < done(report); told += 1) bar.advance(`${done(report)} of ${expectedDeliveries}`);
    const { state, started, already } = report;
    const over = state !== 'running' && state !== 'paused';
    if (over || deps.isStopped()) {
      bar.end(`${state}: ${started} sent again, ${already} were on their way already`);
      output.writeResult({ taskId, state, started, already }, `task ${taskId} ${state}: ${started} sent again`);
      return state === 'completed' || !over ? EXIT.ok : EXIT.partial;
    }
    await deps.wait(LOOK_EVERY_MS);
  }
}

const done = ({ started, already }: Pick<ReplayReport, 'started' | 'already'>) => started + already;
