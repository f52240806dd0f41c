import { createInternalApp, type InternalDependencies } from '../../api/internal-app.js';
import type { ListenConfig } from '../../config/groups/listeners.js';
import { listenHttp, type Listening } from './listen-http.js';

export type ListenInternalOptions = ListenConfig & Pick<InternalDependencies, 'checks' | 'metrics' | 'stopping'>;

/** Opens `/health`, `/ready` and `/metrics` of a process. */
export const listenInternal = ({ host, port, ...dependencies }: ListenInternalOptions): Promise<Listening> =>
  listenHttp({ app: createInternalApp({ ...dependencies, now: Date.now }), host, port });
