import type { ActivityOptions, LocalActivityOptions } from '@temporalio/workflow';

/**
 * First attempts run as a local activity inside the first workflow task: no round trip to the server and no queue. The
 * activity has no retry: if its process is lost, the retry queue takes the attempts over. 30 s cover the 7 s budget, the key
 * service, a POST and its row; beyond 8 s the SDK heartbeats the workflow task. A canceled workflow waits for the activity,
 * because a request that was sent needs its recorded result.
 */
export const FIRST_ATTEMPTS: LocalActivityOptions = {
  startToCloseTimeout: '30s',
  retry: { maximumAttempts: 1 },
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
};

/**
 * Activities throw only when infrastructure is unavailable, so these retries have no limit and consume no attempt of the
 * customer's schedule. The interval bounds how late the end of an outage is noticed. The number of permits, not this
 * interval, bounds how often a process tries.
 */
const UNLIMITED_RETRY = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '5s' } as const;

/** 60 s cover the 30 s budget and the longest attempt. The heartbeat timeout detects a killed process. */
export const LATER_ATTEMPTS: ActivityOptions = {
  startToCloseTimeout: '60s',
  heartbeatTimeout: '12s',
  retry: UNLIMITED_RETRY,
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
};

/** The customer waits for the result of a test. So its one attempt starts within 4 s or not at all, and is never repeated. */
export const TEST_ATTEMPT: ActivityOptions = {
  scheduleToStartTimeout: '4s',
  startToCloseTimeout: '30s',
  heartbeatTimeout: '12s',
  retry: { maximumAttempts: 1 },
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
};

/** Short statements and publishes. They are retried until they succeed, however long that takes. */
export const RECORDING: ActivityOptions = {
  startToCloseTimeout: '20s',
  retry: UNLIMITED_RETRY,
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
};
