import { Router, type Request, type Response } from 'express';
import { recoverSchema } from '../contracts/rest/task.js';
import type { ReplayTasks } from '../control/replay-tasks.js';
import type { Database } from '../db/client.js';
import { findWebhook } from '../db/webhooks/webhooks.js';
import { identityOf, idOf } from './identity.js';
import { presentTask } from './present-task.js';
import { ProblemError } from './problem-error.js';
import { bodyOf } from './validate.js';

export interface TasksDependencies {
  readonly db: Database;
  readonly replayTasks: ReplayTasks;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const PATH = '/v1/tasks';
/** Constant texts: both are stored in Temporal, where a customer's free text could carry personal data. */
const RECOVERY = { requestedBy: 'customer', reason: 'recovery asked through the API' };

/** Sending many deliveries again. */
export function createTasksRouter({ db, replayTasks, now }: TasksDependencies): Router {
  const router = Router();

  router.post('/v1/webhooks/:id/recover', async (request, response) => {
    const accountId = identityOf(response);
    const webhookId = idOf(request);
    const { since, until, statuses, ratePerSecond } = bodyOf(request, recoverSchema);
    const webhook = await findWebhook(db, accountId, webhookId);
    if (webhook === undefined) throw new ProblemError('not_found');
    if (webhook.status === 'disabled') throw new ProblemError('webhook_disabled');
    const filter = { webhookId, statuses: [...new Set(statuses)], fromMs: since, toMs: until ?? now() };
    if (until !== undefined && since >= until)
      throw new ProblemError('invalid_request', [{ pointer: '/since', code: 'range' }]);
    const task = await replayTasks.start({ accountId, filter, ratePerSecond, replay: RECOVERY });
    response.status(202).location(`${PATH}/${task.taskId}`).json(presentTask(task));
  });

  const taskOf = (request: Request, response: Response) => {
    return { accountId: identityOf(response), taskId: idOf(request) };
  };

  const found = async (request: Request, response: Response) => {
    const task = await replayTasks.find(taskOf(request, response));
    if (task === undefined) throw new ProblemError('not_found');
    return task;
  };

  router.get(`${PATH}/:id`, async (request, response) => {
    response.json(presentTask(await found(request, response)));
  });

  for (const order of ['pause', 'resume', 'cancel'] as const) {
    router.post(`${PATH}/:id/${order}`, async (request, response) => {
      const heard = await replayTasks.order(taskOf(request, response), order);
      const task = await found(request, response);
      if (!heard) throw new ProblemError('task_ended');
      response.json(presentTask(task));
    });
  }

  return router;
}
