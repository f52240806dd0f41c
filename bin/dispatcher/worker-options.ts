/**
 * Options of the worker for workflows and first attempts. docs/performance.md has the measurements. First attempts
 * occupy a workflow task slot while they run, and idle pollers reserve slots that eager starts need: hence many slots
 * and few pollers. The cache holds as many workflows as there are slots, the minimum of the SDK, because a workflow
 * that waits for hours does not need memory.
 */
export const DELIVERY_WORKER = {
  maxConcurrentWorkflowTaskExecutions: 200,
  workflowTaskPollerBehavior: { type: 'simple-maximum', maximum: 2 },
  maxConcurrentLocalActivityExecutions: 200,
  maxConcurrentActivityTaskExecutions: 20,
  activityTaskPollerBehavior: { type: 'simple-maximum', maximum: 2 },
  maxCachedWorkflows: 200,
} as const;
