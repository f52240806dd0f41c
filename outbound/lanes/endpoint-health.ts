import { LRUCache } from 'lru-cache';

export interface EndpointHealth {
  /** Whether the endpoint's last request from this process succeeded, within the last ten minutes. */
  readonly isProven: (webhookId: string) => boolean;
  readonly noteSuccess: (webhookId: string) => void;
  /** After a failure the endpoint is unproven until its next success. */
  readonly noteFailure: (webhookId: string) => void;
}

export interface EndpointHealthOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Number of remembered endpoints. The one whose last success is oldest is forgotten first. */
  readonly capacity?: number;
  readonly memoryMs?: number;
}

/** Remembers which endpoints succeed, so that the fast lane can keep permits for them. Losing the memory costs latency only. */
export function createEndpointHealth(options: EndpointHealthOptions): EndpointHealth {
  const { now, capacity = 10_000, memoryMs = 600_000 } = options;
  const succeededAtMs = new LRUCache<string, number>({ max: capacity });
  return {
    isProven: (webhookId) => now() - (succeededAtMs.peek(webhookId) ?? -Infinity) < memoryMs,
    noteSuccess: (webhookId) => void succeededAtMs.set(webhookId, now()),
    noteFailure: (webhookId) => void succeededAtMs.delete(webhookId),
  };
}
