import type { Task } from '../contracts/rest/task.js';
import type { TaskReport } from '../control/replay-tasks.js';

const toIsoTime = (ms: number): string => new Date(ms).toISOString();

export function presentTask(task: TaskReport): Task {
  const { taskId, state, filter, ratePerSecond, requestedAtMs, started, already, positionMs } = task;
  return {
    id: taskId,
    state,
    webhookId: filter.webhookId ?? null,
    statuses: filter.statuses,
    ratePerSecond,
    since: toIsoTime(filter.fromMs),
    until: toIsoTime(filter.toMs),
    createdAt: toIsoTime(requestedAtMs),
    started,
    alreadyRunning: already,
    position: positionMs === null ? null : toIsoTime(positionMs),
  };
}
