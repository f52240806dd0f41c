import express, { type Express } from 'express';

/** True when the part can be worked with. A rejection is a no. */
export type ReadinessCheck = () => boolean | Promise<boolean>;

export interface InternalAppDeps {
  /** Never the key service: a probe every few seconds from every pod would throttle it. */
  readonly checks: Readonly<Record<string, ReadinessCheck>>;
  /** Each gives a part of the page in the Prometheus text format. */
  readonly metrics: readonly (() => string | Promise<string>)[];
  readonly isStopping: () => boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const CHECK_TIMEOUT_MS = 1_000;

/**
 * What the platform asks, on a listener that customers cannot reach: `/health` (the process answers, nothing else is
 * looked at, or an outage of a dependency would become a storm of restarts), `/ready` and `/metrics`.
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
        async ([name, check]) => [name, states.note(name, await passesInTime(check))] as const,
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
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), CHECK_TIMEOUT_MS);
  });
  try {
    return await Promise.race([check(), late]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

interface State {
  readonly ok: boolean;
  /** When it became so, as far as somebody asked. */
  readonly since: string;
}

function createCheckStates(now: () => number) {
  const states = new Map<string, State>();
  return {
    note(name: string, ok: boolean): State {
      const before = states.get(name);
      const state = before?.ok === ok ? before : { ok, since: new Date(now()).toISOString() };
      states.set(name, state);
      return state;
    },
  };
}
