import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';

/**
 * An agent that gives one request this open connection. Node's own agents hand a connection on to the next request that waits
 * for one, `keepAlive` or not; here nothing waits, and nothing can be handed on.
 */
export function createConnectionAgent(socket: Socket, protocol: string): http.Agent {
  const agent = protocol === 'https:' ? new https.Agent() : new http.Agent();
  return Object.assign(agent, { createConnection: () => socket });
}
