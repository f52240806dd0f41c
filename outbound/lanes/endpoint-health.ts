import { LRUCache } from 'lru-cache';

export interface EndpointHealth {
  /** Whether the endpoint answered well in the last ten minutes, as far as this process knows. */
  readonly isProven: (webhookId: string) => boolean;
  readonly noteSuccess: (webhookId: string) => void;
  /** The last result counts: a failure makes the endpoint unproven until it succeeds again. */
  readonly noteFailure: (webhookId: string) => void;
}

export interface EndpointHealthOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Endpoints remembered; the least recently successful is forgotten first. */
  readonly capacity?: number;
  readonly memoryMs?: number;
}

/** Remembers which endpoints succeed, so that the fast lane can keep room for them. Losing it costs latency only. */
export function createEndpointHealth(options: EndpointHealthOptions): EndpointHealth {
  const { now, capacity = 10_000, memoryMs = 600_000 } = options;
  const succeededAt = new LRUCache<string, number>({ max: capacity });
  return {
    isProven: (webhookId) => now() - (succeededAt.peek(webhookId) ?? -Infinity) < memoryMs,
    noteSuccess: (webhookId) => void succeededAt.set(webhookId, now()),
    noteFailure: (webhookId) => void succeededAt.delete(webhookId),
  };
}
