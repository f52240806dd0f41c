import { DEFAULT_TASK_QUEUE } from '../../domain/delivery/workflow-id.js';
import { defineGroup } from '../group.js';
import { hostAndPort, pattern, readableFile } from '../text-forms.js';
import { defaulted, optional, required } from '../variable.js';
import { clientTls, findIncompleteTls, type ClientTls } from './client-tls.js';

export interface TemporalConfig {
  readonly address: string;
  readonly namespace: string;
  /** Queue of first attempts. `retryTaskQueue()` derives the queue of retries from it. */
  readonly taskQueue: string;
  readonly tls: ClientTls | undefined;
}

const name = pattern(/^[\w.-]{1,200}$/, 'letters, digits, _, . and -');

export const temporalGroup = defineGroup({
  variables: {
    TEMPORAL_ADDRESS: required(hostAndPort),
    TEMPORAL_NAMESPACE: defaulted(name, 'default'),
    TEMPORAL_TASK_QUEUE: defaulted(name, DEFAULT_TASK_QUEUE),
    TEMPORAL_TLS_CA: optional(readableFile),
    TEMPORAL_TLS_CERT: optional(readableFile),
    TEMPORAL_TLS_KEY: optional(readableFile),
  },
  rules: (v) =>
    findIncompleteTls('TEMPORAL_TLS', { ca: v.TEMPORAL_TLS_CA, cert: v.TEMPORAL_TLS_CERT, key: v.TEMPORAL_TLS_KEY }),
  build: (v): TemporalConfig => ({
    address: v.TEMPORAL_ADDRESS,
    namespace: v.TEMPORAL_NAMESPACE,
    taskQueue: v.TEMPORAL_TASK_QUEUE,
    tls: clientTls({ ca: v.TEMPORAL_TLS_CA, cert: v.TEMPORAL_TLS_CERT, key: v.TEMPORAL_TLS_KEY }),
  }),
});
