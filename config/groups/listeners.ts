import { defineGroup } from '../group.js';
import { port, text, wholeNumber } from '../text-forms.js';
import { defaulted } from '../variable.js';

const host = text('a host name or address');

/** Where customers' requests arrive, through Kong. */
export const httpGroup = defineGroup({
  variables: {
    HTTP_HOST: defaulted(host, '0.0.0.0'),
    HTTP_PORT: defaulted(port, 8080),
    /** The contract says 60, which the edge counts; this is the ceiling of one process where the edge does not. */
    API_REQUESTS_PER_MINUTE: defaulted(wholeNumber({ min: 1, max: 100_000, unit: 'requests of an account' }), 60),
  },
  build: (v) => ({ host: v.HTTP_HOST, port: v.HTTP_PORT, requestsPerMinute: v.API_REQUESTS_PER_MINUTE }),
});

/** Health, readiness and metrics: for the platform only, never routed by Kong. */
export const internalGroup = defineGroup({
  variables: { INTERNAL_HOST: defaulted(host, '0.0.0.0'), INTERNAL_PORT: defaulted(port, 9090) },
  build: (v) => ({ host: v.INTERNAL_HOST, port: v.INTERNAL_PORT }),
});

export interface ListenConfig {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
}
