/** How a webhook of the demo's customer behaves. The sample customer reads it from the URL. */
export interface DemoEndpoint {
  readonly name: string;
  readonly path: string;
  readonly query: string;
  readonly eventTypes: readonly string[];
  /** Number of failed attempts per event before one succeeds. Infinity: every attempt fails until the endpoint is repaired. */
  readonly failures: number;
  readonly behavior: string;
}

/** The endpoint that is down until the story repairs it. */
export const BROKEN_PATH = '/hooks/broken/alerts';

export const ENDPOINTS: readonly DemoEndpoint[] = [
  {
    name: 'analytics',
    path: '/hooks/ok/analytics',
    query: '',
    eventTypes: ['message.*'],
    failures: 0,
    behavior: 'works',
  },
  {
    name: 'inbox',
    path: '/hooks/flaky/inbox',
    query: '?fail=2',
    eventTypes: ['message.read'],
    failures: 2,
    behavior: 'fails twice with each event, then works',
  },
  {
    name: 'alerts',
    path: BROKEN_PATH,
    query: '',
    eventTypes: ['message.failed'],
    failures: Number.POSITIVE_INFINITY,
    behavior: 'is down until it is repaired',
  },
];

/** Delay before each attempt: `RETRY_SCHEDULE` of the demo. Production spreads ten attempts over three days. */
export const DEMO_SCHEDULE = ['0', '1s', '2s', '3s'] as const;

/** The expected numbers at the end of the story. */
export interface Plan {
  readonly events: number;
  readonly deliveries: number;
  readonly atOnce: number;
  readonly afterRetries: number;
  readonly deadLettered: number;
  /** Messages with a dead-lettered delivery. Each message has one workflow. */
  readonly failedWorkflows: number;
  readonly requests: number;
}

interface Published {
  readonly type: string;
}

/** Computes the plan from the published messages, each given as its list of events. */
export function createPlan(messages: readonly (readonly Published[])[], endpoints: readonly DemoEndpoint[]): Plan {
  const attempts = DEMO_SCHEDULE.length;
  const failuresOf = (events: readonly Published[]) =>
    events.flatMap(({ type }) => endpoints.filter((each) => matches(each, type)).map(({ failures }) => failures));
  const failures = failuresOf(messages.flat());
  const isExhausted = (failed: number) => failed >= attempts;
  return {
    events: messages.flat().length,
    deliveries: failures.length,
    atOnce: failures.filter((failed) => failed === 0).length,
    afterRetries: failures.filter((failed) => failed > 0 && !isExhausted(failed)).length,
    deadLettered: failures.filter(isExhausted).length,
    failedWorkflows: messages.filter((events) => failuresOf(events).some(isExhausted)).length,
    requests: failures.reduce((sum, failed) => sum + (isExhausted(failed) ? attempts : failed) + 1, 0),
  };
}

/** A filter is an event type, or a prefix such as `message.*`. */
const matches = ({ eventTypes }: DemoEndpoint, type: string): boolean =>
  eventTypes.some((filter) => (filter.endsWith('.*') ? type.startsWith(filter.slice(0, -1)) : type === filter));
