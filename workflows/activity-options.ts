import type { ActivityOptions, LocalActivityOptions } from '@temporalio/workflow';

/**
 * First attempts run inside the workflow task that starts the workflow: no round trip, no queue. Not repeated as such:
 * what is lost with a process goes to the retry queue. 30 s cover the 7 s budget, the key service, a POST and its row;
 * beyond 8 s the SDK keeps the workflow task alive. A canceled workflow waits for them: what was sent is told as it was.
 */
export const FIRST_ATTEMPTS: LocalActivityOptions = {
  startToCloseTimeout: '30s',
  retry: { maximumAttempts: 1 },
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
};

/**
 * Patient: these repeats are about lost infrastructure only and consume no attempt of the customer's schedule. The interval is
 * what the end of an outage is noticed by; how often a pod really tries is bounded by its slots, not by this.
 */
const PATIENT_RETRY = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '5s' } as const;

/** 60 s cover the 30 s budget and all that one attempt may take; a killed process is noticed by its missing heartbeat. */
export const LATER_ATTEMPTS: ActivityOptions = {
  startToCloseTimeout: '60s',
  heartbeatTimeout: '12s',
  retry: PATIENT_RETRY,
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
};

/** Somebody waits for the answer, and there is one attempt: what cannot begin at once or is lost is not made again. */
export const TEST_ATTEMPT: ActivityOptions = {
  scheduleToStartTimeout: '4s',
  startToCloseTimeout: '30s',
  heartbeatTimeout: '12s',
  retry: { maximumAttempts: 1 },
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
};

/** Bookkeeping: short statements and publishes that have to happen however long it takes. */
export const BOOKKEEPING: ActivityOptions = {
  startToCloseTimeout: '20s',
  retry: PATIENT_RETRY,
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
};
