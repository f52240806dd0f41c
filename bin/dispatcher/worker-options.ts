/**
 * How the worker of workflows and first attempts is tuned; the figures behind it are in docs/performance.md. A slot for
 * workflow tasks is held while first attempts run, and idle pollers reserve slots from eager starts: hence many slots and
 * few pollers. As many workflows are kept as there are slots, the fewest that the SDK allows: one that waits for hours need not
 * be in memory.
 */
export const DELIVERY_WORKER = {
  maxConcurrentWorkflowTaskExecutions: 200,
  workflowTaskPollerBehavior: { type: 'simple-maximum', maximum: 2 },
  maxConcurrentLocalActivityExecutions: 200,
  maxConcurrentActivityTaskExecutions: 20,
  activityTaskPollerBehavior: { type: 'simple-maximum', maximum: 2 },
  maxCachedWorkflows: 200,
} as const;
