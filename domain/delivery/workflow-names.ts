/**
 * Names that the Temporal server stores: signals, queries and states of tasks. (Workflow types are the exports of
 * `workflows/index.ts`.) Running workflows and recorded histories
 * contain them, so a name here never changes.
 */

/** Cancels one waiting delivery (`deliverWebhook`; argument: delivery id), or a replay task (`replayDeliveries`; none). */
export const CANCEL_SIGNAL = 'cancel';
/** Makes an endpoint's waiting deliveries due at once. Argument: webhook id. */
export const RETRY_NOW_SIGNAL = 'retryNow';
/** Answers how every delivery of the workflow stands. */
export const STATE_QUERY = 'state';

/** What a replay task can be told; each is a signal without arguments. */
export const PAUSE_SIGNAL = 'pause';
export const RESUME_SIGNAL = 'resume';
export const TASK_SIGNALS = [PAUSE_SIGNAL, RESUME_SIGNAL, CANCEL_SIGNAL] as const;
export type TaskSignal = (typeof TASK_SIGNALS)[number];
/** Sets a task's rate. Argument: replays a second, 1 to 100. */
export const SET_RATE_SIGNAL = 'setRate';
/** Answers a task's progress. */
export const REPORT_QUERY = 'report';

/** State of a replay task. */
export const REPLAY_TASK_STATES = ['running', 'paused', 'completed', 'canceled'] as const;
export type ReplayTaskState = (typeof REPLAY_TASK_STATES)[number];

/** How REST shows a task. `failed`: its workflow was ended from outside. */
export const TASK_STATES = [...REPLAY_TASK_STATES, 'failed'] as const;
export type TaskState = (typeof TASK_STATES)[number];

const IS_FINAL: Readonly<Record<TaskState, boolean>> = {
  running: false,
  paused: false,
  completed: true,
  canceled: true,
  failed: true,
};
/** Whether a task in this state never changes again. */
export const isFinalTaskState = (state: TaskState): boolean => IS_FINAL[state];
