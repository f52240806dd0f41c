import { verify } from 'node:crypto';
import type { EdgeRequest } from './edge-requests.js';
import type { KongFile, Plugin, Route } from './kong-file.js';
import { runFunction, type Headers } from './run-function.js';

/** Kong 3.9's plugin priorities: the order of their access phases, for any order in the file. */
export const PRIORITY: Readonly<Record<string, number>> = {
  'pre-function': 1_000_000,
  'correlation-id': 100_001,
  jwt: 1_450,
  'request-size-limiting': 951,
  'rate-limiting': 910,
  'post-function': -1_000,
};

export interface Answer {
  readonly status: number;
  readonly code?: string;
  /** What the service receives; absent when Kong answered itself. */
  readonly upstream?: Headers;
}

interface Passing {
  headers: Headers;
  verifiedToken?: string;
}

/** Ends the request by returning an answer. */
type Access = (passing: Passing) => Answer | undefined | Promise<Answer | undefined>;

/**
 * A Kong node with this configuration: router, jwt and rate-limiting are modeled after Kong 3.9's sources, both functions
 * run as they are.
 *
 * @param clock seconds since 1970.
 */
export function createKongNode(file: KongFile, clock: () => number): (request: EdgeRequest) => Promise<Answer> {
  const counters = new Map<string, number>();
  const access = ({ name, config }: Plugin): Access => {
    if (name === 'jwt') return (passing) => verifyToken(file, config, { passing, now: clock() });
    if (name === 'rate-limiting') return (passing) => count(counters, config, { passing, now: clock() });
    if (name !== 'pre-function' && name !== 'post-function') return () => undefined;
    return (passing) => runAccess(config, passing, clock());
  };

  return async (request) => {
    const route = file.services.flatMap(({ routes }) => routes).find((each) => matches(each, request));
    if (route === undefined) return { status: 404 };
    const passing: Passing = { headers: request.headers };
    for (const plugin of byPriority([...route.plugins, ...(file.plugins ?? [])])) {
      const answer = await access(plugin)(passing);
      if (answer !== undefined) return answer;
    }
    return { status: 200, upstream: passing.headers };
  };
}

const byPriority = (plugins: readonly Plugin[]) =>
  [...plugins].sort((a, b) => (PRIORITY[b.name] ?? 0) - (PRIORITY[a.name] ?? 0));

/** Kong matches the normalized path: unreserved characters decoded, dot segments resolved, slashes merged. */
function matches({ methods, paths }: Route, { method, path }: EdgeRequest): boolean {
  const [raw = ''] = path.split('?');
  const decoded = raw.replace(/%([0-9a-f]{2})/gi, (escape, hex: string) => {
    const character = String.fromCharCode(parseInt(hex, 16));
    return /[A-Za-z0-9._~-]/.test(character) ? character : escape.toUpperCase();
  });
  const segments: string[] = [];
  const parts = decoded.split(/\/+/).slice(1);
  for (const part of parts) {
    if (part === '..') segments.pop();
    else if (part !== '.') segments.push(part);
  }
  const normalized = `/${segments.join('/')}`;
  return methods.includes(method) && paths.some((each) => new RegExp(`^${each.replace(/^~/, '')}`).test(normalized));
}

async function runAccess(config: Plugin['config'], passing: Passing, now: number): Promise<Answer | undefined> {
  for (const code of config['access'] as string[]) {
    const { headers, exit } = await runFunction(code, { ...passing, now });
    if (exit) return exit;
    passing.headers = headers;
  }
  return undefined;
}

interface At {
  readonly passing: Passing;
  readonly now: number;
}

/** The jwt plugin: the credential is found by the key claim, among the claims first, and says the algorithm. */
function verifyToken(file: KongFile, config: Plugin['config'], { passing, now }: At): Answer | undefined {
  const refused = { status: 401 };
  const [, token = ''] = /\s*[Bb]earer\s+(.+)/.exec(firstOf(passing.headers, 'authorization')) ?? [];
  const [head, body, signature] = token.split('.');
  const header = decode(head);
  const claims = decode(body);
  const keyClaim = String(config['key_claim_name']);
  const key = claims[keyClaim] ?? header[keyClaim];
  const credential = file.consumers.flatMap((consumer) => consumer.jwt_secrets).find((each) => each.key === key);
  if (credential === undefined || header['alg'] !== credential.algorithm) return refused;
  const signed = Buffer.from(`${head}.${body}`);
  if (!verify('sha256', signed, credential.rsa_public_key, Buffer.from(signature ?? '', 'base64url'))) return refused;
  if (!livesWithin(config, claims['exp'], now)) return refused;
  passing.verifiedToken = token;
  return undefined;
}

const firstOf = (headers: Headers, name: string) => headers.find(([each]) => each.toLowerCase() === name)?.[1] ?? '';

function livesWithin(config: Plugin['config'], expiry: unknown, now: number): boolean {
  if (!(config['claims_to_verify'] as string[]).includes('exp')) return true;
  return typeof expiry === 'number' && expiry > now && expiry - now <= Number(config['maximum_expiration']);
}

function decode(part: string | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part ?? '', 'base64url').toString());
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** The rate-limiting plugin: a counter a header value and fixed minute; without the header, of the client's address. */
function count(counters: Map<string, number>, config: Plugin['config'], { passing, now }: At): Answer | undefined {
  const identifier = firstOf(passing.headers, String(config['header_name']).toLowerCase()) || 'client address';
  const counter = `${identifier} ${Math.floor(now / 60)}`;
  const used = (counters.get(counter) ?? 0) + 1;
  counters.set(counter, used);
  return used > Number(config['minute']) ? { status: Number(config['error_code']) } : undefined;
}
