import { defineGroup } from '../group.js';
import { pattern, readableFile, wholeNumber } from '../text-forms.js';
import { defaulted, optional, required, secret } from '../variable.js';
import { clientTls, findIncompleteTls, type ClientTls, type TlsPaths } from './client-tls.js';

const name = pattern(/^[A-Za-z0-9_-]{1,64}$/, 'letters, digits, _ and -');
const subject = pattern(/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/, 'a NATS subject without wildcards');
/** Without credentials: the client certificate is the identity. */
const servers = pattern(
  /^(nats|tls):\/\/[^\s/@,?#]+(,(nats|tls):\/\/[^\s/@,?#]+)*$/,
  'nats://host:port (several with commas) without credentials; the client certificate is the identity',
);
const prefix = pattern(/^[A-Za-z0-9_$-]+(\.[A-Za-z0-9_$-]+)*$/, 'a subject prefix without wildcards');

export interface NatsConnectionConfig {
  readonly servers: readonly string[];
  readonly tls: ClientTls | undefined;
  readonly inboxPrefix: string;
  /** At most one of the two is set. */
  readonly domain: string | undefined;
  readonly apiPrefix: string | undefined;
}

const connectionVariables = {
  NATS_URL: secret(required(servers)),
  NATS_TLS_CA: optional(readableFile),
  NATS_TLS_CERT: optional(readableFile),
  NATS_TLS_KEY: optional(readableFile),
  NATS_INBOX_PREFIX: defaulted(prefix, '_INBOX_wd'),
  NATS_JS_DOMAIN: optional(name),
  NATS_JS_API_PREFIX: optional(prefix),
};

interface ConnectionValues {
  readonly NATS_TLS_CA: string | undefined;
  readonly NATS_TLS_CERT: string | undefined;
  readonly NATS_TLS_KEY: string | undefined;
  readonly NATS_JS_DOMAIN: string | undefined;
  readonly NATS_JS_API_PREFIX: string | undefined;
}

const tlsPaths = (v: Partial<ConnectionValues>): TlsPaths => ({
  ca: v.NATS_TLS_CA,
  cert: v.NATS_TLS_CERT,
  key: v.NATS_TLS_KEY,
});

const exclusive = {
  name: 'NATS_JS_DOMAIN',
  wrong: 'is set, and NATS_JS_API_PREFIX too',
  expected: 'one of the two',
};

const connectionRules = (v: Partial<ConnectionValues>) => [
  ...findIncompleteTls('NATS_TLS', tlsPaths(v)),
  ...(v.NATS_JS_DOMAIN !== undefined && v.NATS_JS_API_PREFIX !== undefined ? [exclusive] : []),
];

const connection = (v: ConnectionValues & { NATS_URL: string; NATS_INBOX_PREFIX: string }): NatsConnectionConfig => ({
  servers: v.NATS_URL.split(','),
  tls: clientTls(tlsPaths(v)),
  inboxPrefix: v.NATS_INBOX_PREFIX,
  domain: v.NATS_JS_DOMAIN,
  apiPrefix: v.NATS_JS_API_PREFIX,
});

const consumerVariables = {
  NATS_STREAM: defaulted(name, 'WEBHOOKS'),
  NATS_DURABLE: defaulted(name, 'dispatcher'),
  NATS_DEADLETTER_SUBJECT: defaulted(subject, 'webhook.dispatch.deadletter'),
};

export interface NatsConfig extends NatsConnectionConfig {
  readonly stream: string;
  readonly durable: string;
  readonly deadLetterSubject: string;
  readonly fetchExpiresMs: number;
  readonly idleHeartbeatMs: number;
}

/** Variables of the dispatcher, to consume messages and to publish dead letters. */
export const natsGroup = defineGroup({
  variables: {
    ...connectionVariables,
    ...consumerVariables,
    NATS_FETCH_EXPIRES_MS: defaulted(wholeNumber({ min: 1_000, max: 60_000, unit: 'milliseconds' }), 5_000),
    NATS_IDLE_HEARTBEAT_MS: defaulted(wholeNumber({ min: 500, max: 30_000, unit: 'milliseconds' }), 1_000),
  },
  rules: connectionRules,
  build: (v): NatsConfig => ({
    ...connection(v),
    stream: v.NATS_STREAM,
    durable: v.NATS_DURABLE,
    deadLetterSubject: v.NATS_DEADLETTER_SUBJECT,
    fetchExpiresMs: v.NATS_FETCH_EXPIRES_MS,
    idleHeartbeatMs: v.NATS_IDLE_HEARTBEAT_MS,
  }),
});

/** Variables of an administrator's setup. */
export const natsSetupGroup = defineGroup({
  variables: {
    ...connectionVariables,
    ...consumerVariables,
    NATS_DEADLETTER_STREAM: defaulted(name, 'WEBHOOKS_DLQ'),
    NATS_REPLICAS: defaulted(wholeNumber({ min: 1, max: 5, unit: 'replicas' }), 1),
  },
  rules: connectionRules,
  build: (v) => ({
    ...connection(v),
    stream: v.NATS_STREAM,
    durable: v.NATS_DURABLE,
    deadLetterStream: v.NATS_DEADLETTER_STREAM,
    deadLetterSubject: v.NATS_DEADLETTER_SUBJECT,
    replicas: v.NATS_REPLICAS,
  }),
});
