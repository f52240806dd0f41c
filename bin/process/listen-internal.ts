import { createInternalApp, type InternalAppDeps } from '../../api/internal-app.js';
import type { ListenConfig } from '../../config/groups/listeners.js';
import { listenHttp, type HttpListener } from './listen-http.js';

export type ListenInternalDeps = ListenConfig & Pick<InternalAppDeps, 'checks' | 'metrics' | 'isStopping'>;

/** Opens `/health`, `/ready` and `/metrics` of a process. */
export const listenInternal = ({ host, port, ...deps }: ListenInternalDeps): Promise<HttpListener> =>
  listenHttp({ app: createInternalApp({ ...deps, now: Date.now }), host, port });
