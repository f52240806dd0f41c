import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.js';
import { BOOKKEEPING } from './activity-options.js';

/** The activities that write down what was decided. */
export const recordingActivities = proxyActivities<Omit<Activities, 'attemptFirst'>>(BOOKKEEPING);
