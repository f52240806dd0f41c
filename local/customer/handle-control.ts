import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CustomerMemory } from './create-customer-memory.js';

export interface ControlRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly body: Buffer;
  readonly memory: CustomerMemory;
}

/**
 * Handles the routes with which a test or the demo controls the customer:
 * `POST /_control/secrets {path, secret}`, `POST /_control/repair {path?}`, `POST /_control/break {path?}`,
 * `POST /_control/forget`, `GET /_control/requests[?path=…]`.
 */
export const handleControl = ({ request, response, url, body, memory }: ControlRequest): void => {
  const action = `${request.method ?? ''} ${url.pathname.replace('/_control/', '')}`;
  if (action === 'GET requests') {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(memory.requests(url.searchParams.get('path') ?? undefined)));
    return;
  }
  response.writeHead(apply(action, parse(body), memory) ? 204 : 404).end();
};

interface ControlBody {
  readonly path: string | undefined;
  readonly secret: string | undefined;
}

const apply = (action: string, { path, secret }: ControlBody, memory: CustomerMemory): boolean => {
  switch (action) {
    case 'POST secrets':
      if (path === undefined || secret === undefined) return false;
      memory.setSecret(path, secret);
      return true;
    case 'POST repair':
    case 'POST break':
      memory.setRepaired(path, action === 'POST repair');
      return true;
    case 'POST forget':
      memory.forget();
      return true;
    default:
      return false;
  }
};

const parse = (body: Buffer): ControlBody => {
  const value = (body.length > 0 ? JSON.parse(body.toString('utf8')) : {}) as Record<string, unknown>;
  const text = (field: unknown): string | undefined => (typeof field === 'string' ? field : undefined);
  return { path: text(value['path']), secret: text(value['secret']) };
};
