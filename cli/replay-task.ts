import type { ReplayFilter, ReplayReport } from '../contracts/workflows/replay-deliveries.js';
import type { ReplayTasks } from '../control/replay-tasks.js';
import { CommandError } from './command-error.js';
import { EXIT } from './exit-codes.js';
import type { Output } from './output.js';
import type { SendAgainDeps } from './send-again.js';

export interface ReplayTaskDeps extends Pick<SendAgainDeps, 'wait' | 'progress'> {
  readonly startTask: ReplayTasks['start'];
  readonly findTask: ReplayTasks['find'];
  readonly stopped: () => boolean;
}

export interface TaskAsked {
  readonly accountId: string;
  readonly filter: ReplayFilter;
  readonly ratePerSecond: number;
  readonly replay: { readonly requestedBy: string; readonly reason: string };
  /** How many deliveries it will come to, as far as is known. */
  readonly expected: number;
}

const LOOK_EVERY_MS = 500;

/** Starts a bulk replay in Temporal and looks on until it is over. It goes on by itself when nobody looks on any more. */
export async function runReplayTask(deps: ReplayTaskDeps, asked: TaskAsked, output: Output): Promise<number> {
  const { expected, ...input } = asked;
  const { accountId } = asked;
  const { taskId } = await deps.startTask(input);
  output.say(`task ${taskId} is running; it goes on when this command is interrupted`);
  const bar = deps.progress(expected);
  for (let told = 0; ;) {
    const report = await deps.findTask({ accountId, taskId });
    if (report === undefined) throw new CommandError('the task is gone: somebody removed its workflow');
    for (; told < done(report); told += 1) bar.advance(`${done(report)} of ${expected}`);
    const { state, started, already } = report;
    const over = state !== 'running' && state !== 'paused';
    if (over || deps.stopped()) {
      bar.end(`${state}: ${started} sent again, ${already} were on their way already`);
      output.data({ taskId, state, started, already }, `task ${taskId} ${state}: ${started} sent again`);
      return state === 'completed' || !over ? EXIT.ok : EXIT.partial;
    }
    await deps.wait(LOOK_EVERY_MS);
  }
}

const done = ({ started, already }: Pick<ReplayReport, 'started' | 'already'>) => started + already;
