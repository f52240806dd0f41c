import { randomUUID } from 'node:crypto';
import type { ReplayTasks, TaskReport } from '../../control/replay-tasks.js';

/** Tasks that only record their commands; each belongs to one account. */
export function createFakeTasks() {
  const tasks = new Map<string, TaskReport>();
  const asked: Parameters<ReplayTasks['startTask']>[0][] = [];
  const keyOf = ({ accountId, taskId }: { accountId: string; taskId: string }) => `${accountId} ${taskId}`;
  const replayTasks: ReplayTasks = {
    startTask: (input) => {
      asked.push(input);
      const { accountId, filter, ratePerSecond } = input;
      const counts = { started: 0, already: 0, positionMs: null };
      const taskId = randomUUID();
      const task: TaskReport = {
        taskId,
        state: 'running',
        filter,
        ratePerSecond,
        requestedAtMs: Date.now(),
        ...counts,
      };
      tasks.set(keyOf({ accountId, taskId }), task);
      return Promise.resolve(task);
    },
    findTask: (task) => Promise.resolve(tasks.get(keyOf(task))),
    sendCommand: (address, order) => {
      const task = tasks.get(keyOf(address));
      if (task === undefined || task.state === 'canceled') return Promise.resolve(false);
      const state = order === 'pause' ? 'paused' : order === 'cancel' ? 'canceled' : 'running';
      tasks.set(keyOf(address), { ...task, state });
      return Promise.resolve(true);
    },
  };
  return { replayTasks, asked };
}
