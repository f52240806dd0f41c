import type { TaskSignal } from '../../../domain/delivery/workflow-names.js';
import { recoverWebhookSchema, taskSchema } from '../task.js';
import type { Operation } from './operation.js';

const tag = 'Tasks';

const describeTaskCommand = (command: TaskSignal, summary: string, description: string): Operation => ({
  method: 'post',
  path: `/v1/tasks/:id/${command}`,
  operationId: `${command}Task`,
  tag,
  summary,
  description,
  problems: ['task_ended'],
  successResponses: { 200: { description: 'The task as it is now.', body: taskSchema } },
});

export const taskOperations: readonly Operation[] = [
  {
    method: 'post',
    path: '/v1/webhooks/:id/recover',
    operationId: 'recoverWebhook',
    tag,
    summary: 'Replay failed deliveries',
    description:
      'Starts a task that replays failed and skipped deliveries of an endpoint, oldest first. Each replay is a new cycle with ' +
      'a full schedule under the same `webhook-id`. Deliveries that were delivered meanwhile or still wait are not touched, ' +
      'and one task replays no delivery twice. A disabled endpoint must be enabled first.',
    body: recoverWebhookSchema,
    problems: ['webhook_disabled'],
    successResponses: { 202: { description: 'The task has started.', body: taskSchema, headers: ['Location'] } },
  },
  {
    method: 'get',
    path: '/v1/tasks/:id',
    operationId: 'getTask',
    tag,
    summary: 'Show a task',
    description: 'Progress of a task. Ended tasks are kept for some days.',
    successResponses: { 200: { description: 'The task.', body: taskSchema } },
  },
  describeTaskCommand(
    'pause',
    'Pause a task',
    'The task starts no further replays until it is resumed. Started replays continue.',
  ),
  describeTaskCommand('resume', 'Resume a task', 'Continues a paused task. A running task is not changed.'),
  describeTaskCommand('cancel', 'Cancel a task', 'The task starts no further replays. Started replays continue.'),
];
