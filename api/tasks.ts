import { Router, type Request, type Response } from 'express';
import { recoverWebhookSchema } from '../contracts/rest/task.js';
import type { ReplayTasks } from '../control/replay-tasks.js';
import type { Database } from '../db/client.js';
import { findWebhook } from '../db/webhooks/webhooks.js';
import { getAccountId, parsePathId } from './identity.js';
import { presentTask } from './present-task.js';
import { ProblemError } from './problem-error.js';
import { parseBody } from './validate.js';

export interface TasksDeps {
  readonly db: Database;
  readonly replayTasks: ReplayTasks;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const PATH = '/v1/tasks';
/** Constant texts: both are stored in Temporal, where a customer's free text could carry personal data. */
const RECOVERY = { requestedBy: 'customer', reason: 'recovery requested through the API' };

/** Routes that start a replay of many deliveries, show it and control it. */
export function createTasksRouter({ db, replayTasks, now }: TasksDeps): Router {
  const router = Router();

  router.post('/v1/webhooks/:id/recover', async (request, response) => {
    const accountId = getAccountId(response);
    const webhookId = parsePathId(request);
    const { since, until, statuses, ratePerSecond } = parseBody(request, recoverWebhookSchema);
    const webhook = await findWebhook(db, accountId, webhookId);
    if (webhook === undefined) throw new ProblemError('not_found');
    if (webhook.status === 'disabled') throw new ProblemError('webhook_disabled');
    const filter = { webhookId, statuses: [...new Set(statuses)], fromMs: since, toMs: until ?? now() };
    if (until !== undefined && since >= until)
      throw new ProblemError('invalid_request', [{ pointer: '/since', code: 'range' }]);
    const task = await replayTasks.startTask({ accountId, filter, ratePerSecond, replay: RECOVERY });
    response.status(202).location(`${PATH}/${task.taskId}`).json(presentTask(task));
  });

  const readTaskAddress = (request: Request, response: Response) => {
    return { accountId: getAccountId(response), taskId: parsePathId(request) };
  };

  const requireTask = async (request: Request, response: Response) => {
    const task = await replayTasks.findTask(readTaskAddress(request, response));
    if (task === undefined) throw new ProblemError('not_found');
    return task;
  };

  router.get(`${PATH}/:id`, async (request, response) => {
    response.json(presentTask(await requireTask(request, response)));
  });

  for (const command of ['pause', 'resume', 'cancel'] as const) {
    router.post(`${PATH}/:id/${command}`, async (request, response) => {
      const wasSignaled = await replayTasks.sendCommand(readTaskAddress(request, response), command);
      const task = await requireTask(request, response);
      if (!wasSignaled) throw new ProblemError('task_ended');
      response.json(presentTask(task));
    });
  }

  return router;
}
