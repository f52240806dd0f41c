import express, { type Express } from 'express';

/** True if the dependency can be used. A rejection counts as false. */
export type ReadinessCheck = () => boolean | Promise<boolean>;

export interface InternalAppDeps {
  /** Must not include the key service: a probe every few seconds from every pod would exhaust its rate limit. */
  readonly checks: Readonly<Record<string, ReadinessCheck>>;
  /** Each returns a part of the metrics page in the Prometheus text format. */
  readonly metrics: readonly (() => string | Promise<string>)[];
  readonly isStopping: () => boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const CHECK_TIMEOUT_MS = 1_000;

/**
 * Builds the platform's endpoints, for a listener that customers cannot reach: `/health`, `/ready` and `/metrics`. `/health`
 * checks no dependency: otherwise the outage of one would restart every pod.
 */
export function createInternalApp({ checks, metrics, isStopping, now }: InternalAppDeps): Express {
  const app = express();
  const states = createCheckStates(now);
  app.disable('x-powered-by');
  app.disable('etag');

  app.get('/health', (_request, response) => void response.json({ status: 'alive' }));
  app.get('/ready', async (_request, response) => {
    const results = await Promise.all(
      Object.entries(checks).map(
        async ([name, check]) => [name, states.update(name, await passesInTime(check))] as const,
      ),
    );
    const ready = !isStopping() && results.every(([, { ok }]) => ok);
    const status = isStopping() ? 'stopping' : ready ? 'ready' : 'not_ready';
    response.status(ready ? 200 : 503).json({ status, checks: Object.fromEntries(results) });
  });
  app.get('/metrics', async (_request, response) => {
    const parts = await Promise.all(metrics.map(async (part) => await part()));
    response
      .type('text/plain; version=0.0.4; charset=utf-8')
      .send(`${parts.map((part) => part.trimEnd()).join('\n')}\n`);
  });
  app.use((_request, response) => void response.status(404).json({ status: 'not_found' }));
  return app;
}

async function passesInTime(check: ReadinessCheck): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), CHECK_TIMEOUT_MS);
  });
  try {
    return await Promise.race([check(), timeout]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

interface CheckState {
  readonly ok: boolean;
  /** When a probe first saw this result. */
  readonly since: string;
}

function createCheckStates(now: () => number) {
  const states = new Map<string, CheckState>();
  return {
    update(name: string, ok: boolean): CheckState {
      const before = states.get(name);
      const state = before?.ok === ok ? before : { ok, since: new Date(now()).toISOString() };
      states.set(name, state);
      return state;
    },
  };
}
