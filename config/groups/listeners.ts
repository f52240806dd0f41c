import { defineGroup } from '../group.js';
import { pattern, port, readableFile, text, wholeNumber } from '../text-forms.js';
import { defaulted, optional } from '../variable.js';
import { clientTls, findIncompleteTls, type ClientTls, type TlsPaths } from './client-tls.js';

const host = text('a host name or address');

interface TlsValues {
  readonly HTTP_TLS_CA?: string | undefined;
  readonly HTTP_TLS_CERT?: string | undefined;
  readonly HTTP_TLS_KEY?: string | undefined;
}

const tlsPaths = (v: TlsValues): TlsPaths => ({ ca: v.HTTP_TLS_CA, cert: v.HTTP_TLS_CERT, key: v.HTTP_TLS_KEY });

/** The listener for customers' requests, which arrive through Kong. */
export const httpGroup = defineGroup({
  variables: {
    HTTP_HOST: defaulted(host, '0.0.0.0'),
    HTTP_PORT: defaulted(port, 8080),
    /** With the two below: every client needs a certificate of this authority. */
    HTTP_TLS_CA: optional(readableFile),
    HTTP_TLS_CERT: optional(readableFile),
    HTTP_TLS_KEY: optional(readableFile),
    HTTP_TLS_CLIENT: defaulted(pattern(/^[\w.-]{1,200}$/, 'a DNS name in the client’s certificate'), 'kong'),
    /** The contract promises 60, and the edge counts them. This limit of one process holds where the edge does not count. */
    API_REQUESTS_PER_MINUTE: defaulted(wholeNumber({ min: 1, max: 100_000, unit: 'requests of an account' }), 60),
  },
  rules: (v) => findIncompleteTls('HTTP_TLS', tlsPaths(v)),
  build: (v) => {
    const tls = clientTls(tlsPaths(v));
    return {
      host: v.HTTP_HOST,
      port: v.HTTP_PORT,
      tls: tls === undefined ? undefined : { ...tls, client: v.HTTP_TLS_CLIENT },
      requestsPerMinute: v.API_REQUESTS_PER_MINUTE,
    };
  },
});

/** The listener for health, readiness and metrics: for the platform only, never routed by Kong. */
export const internalGroup = defineGroup({
  variables: { INTERNAL_HOST: defaulted(host, '0.0.0.0'), INTERNAL_PORT: defaulted(port, 9090) },
  build: (v) => ({ host: v.INTERNAL_HOST, port: v.INTERNAL_PORT }),
});

/** Mutual TLS of a listener. `caFile` is the clients' authority; `client` is the only name in a certificate that is accepted. */
export interface ListenTls extends ClientTls {
  readonly client: string;
}

export interface ListenConfig {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
}
