import http from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Resolve } from './resolve.js';
import { createTlsOptions } from './tls-options.js';

/** Constant text: neither the address nor the name, which would map the inside for whoever chose the URL. */
class DestinationBlockedError extends Error {
  override readonly name = 'DestinationBlockedError';
  readonly code = 'EBLOCKED';
  constructor() {
    super('destination not allowed');
  }
}

class LookupFailedError extends Error {
  override readonly name = 'LookupFailedError';
  readonly code = 'ENOTFOUND';
  constructor() {
    super('name not resolved');
  }
}

export type AgentFor = (url: URL) => http.Agent;

export type GuardedAgentOptions = {
  /** PEM bundle of the authorities that customer certificates may come from. */
  ca: string | readonly string[];
  /** Whether an address may be connected to. */
  permits: (address: string) => boolean;
  resolve: Resolve;
  /** Sockets to one host. At least the pod's concurrency: waiting for a socket costs the attempt's own five seconds. */
  maxSockets?: number;
  maxTotalSockets?: number;
};

type Guard = Pick<GuardedAgentOptions, 'permits' | 'resolve'>;
type Connected = (error: Error | null, socket?: Duplex) => void;
type ConnectOptions = Parameters<http.Agent['createConnection']>[0];
type Connect = (options: ConnectOptions, callback?: Connected) => Duplex | null | undefined;

/** A name with hundreds of dead addresses must not decide how many connections one attempt opens. */
const MAX_ADDRESSES = 4;
/** Milliseconds before the next address is tried; Node's own 250 gives up on slow but healthy receivers. */
const NEXT_ADDRESS_AFTER_MS = 1000;

/** Looks a name up at connect time and refuses it if any of its addresses is refused. */
function guardedLookup({ permits, resolve }: Guard): LookupFunction {
  return (host, { all }, done) => {
    const answer = (addresses: Awaited<ReturnType<Resolve>>) => {
      const [first] = addresses;
      if (first === undefined) return done(new LookupFailedError(), '');
      if (!addresses.every(({ address }) => permits(address))) return done(new DestinationBlockedError(), '');
      return all ? done(null, addresses.slice(0, MAX_ADDRESSES)) : done(null, first.address, first.family);
    };
    resolve(host).then(answer, () => done(new LookupFailedError(), ''));
  };
}

/**
 * Replaces the agent's way of connecting. Refusals go through the callback, never through `throw`: a request that waited
 * in the agent's queue gets its socket inside another socket's event handler, where a throw ends the process.
 */
function guard<A extends http.Agent>(agent: A, { permits, resolve }: Guard): A {
  const connect: Connect = agent.createConnection.bind(agent);
  const lookup = guardedLookup({ permits, resolve });
  const guarded: Connect = (options, callback) => {
    const { host, socketPath } = options;
    // Node calls no lookup for a literal, so literals are judged here. A socket path would bypass addresses altogether.
    if (socketPath || typeof host !== 'string' || (isIP(host) !== 0 && !permits(host))) {
      process.nextTick(() => callback?.(new DestinationBlockedError()));
      return undefined;
    }
    const families = { autoSelectFamily: true, autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_AFTER_MS };
    const socket = connect({ ...options, ...families, lookup }, callback) as Socket;
    // Second line: whatever was resolved, this is the address the kernel connected to. Prepended, because TLS sends its
    // ClientHello, which names the host, from a listener of its own on the same event.
    socket.prependOnceListener('connect', () => {
      if (!permits(socket.remoteAddress ?? '')) socket.destroy(new DestinationBlockedError());
    });
    return socket;
  };
  agent.createConnection = guarded as A['createConnection'];
  return agent;
}

/**
 * Agents for http and https that connect only where `permits` says so, checked on the address actually used.
 *
 * No connection is kept or resumed: a reused one can answer the wrong tenant, and a resumed TLS session skips the
 * host name check.
 */
export function createGuardedAgents(options: GuardedAgentOptions): AgentFor {
  const { ca, maxSockets = 20, maxTotalSockets = 40 } = options;
  const pool = { keepAlive: false, maxSockets, maxTotalSockets };
  const plain = guard(new http.Agent(pool), options);
  // Without `ca`: the agent would make the whole bundle part of the name under which it looks for a connection.
  const secure = guard(new https.Agent({ ...pool, ...createTlsOptions(ca), maxCachedSessions: 0 }), options);
  return (url) => (url.protocol === 'https:' ? secure : plain);
}
