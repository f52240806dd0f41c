import type { TaskSignal } from '../../../domain/delivery/workflow-names.js';
import { recoverWebhookSchema, taskSchema } from '../task.js';
import type { Operation } from './operation.js';

const tag = 'Tasks';

const describeTaskCommand = (verb: TaskSignal, summary: string, description: string): Operation => ({
  method: 'post',
  path: `/v1/tasks/:id/${verb}`,
  operationId: `${verb}Task`,
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
    summary: 'Send again what failed',
    description:
      'Begins a task that sends failed and skipped deliveries of an endpoint again, the oldest first: each a new cycle with ' +
      'a full schedule under the same `webhook-id`. What was delivered meanwhile or still waits is left alone, and no ' +
      'delivery is sent twice by one task. A disabled endpoint has to be enabled first.',
    body: recoverWebhookSchema,
    problems: ['webhook_disabled'],
    successResponses: { 202: { description: 'Begun.', body: taskSchema, headers: ['Location'] } },
  },
  {
    method: 'get',
    path: '/v1/tasks/:id',
    operationId: 'getTask',
    tag,
    summary: 'Show a task',
    description: 'How far it has come. Tasks that ended are kept for some days.',
    successResponses: { 200: { description: 'The task.', body: taskSchema } },
  },
  describeTaskCommand(
    'pause',
    'Pause a task',
    'Nothing more is sent again until it is resumed. What was begun goes on.',
  ),
  describeTaskCommand('resume', 'Resume a task', 'A task that is not paused goes on as it was.'),
  describeTaskCommand('cancel', 'Cancel a task', 'Nothing more is sent again. What was begun goes on.'),
];
