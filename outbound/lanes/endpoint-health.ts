import { LRUCache } from 'lru-cache';

export type EndpointHealth = {
  /** Whether the endpoint answered well in the last ten minutes, as far as this process knows. */
  isProven: (webhookId: string) => boolean;
  noteSuccess: (webhookId: string) => void;
  /** The last result counts: a failure makes the endpoint unproven until it succeeds again. */
  noteFailure: (webhookId: string) => void;
};

export type EndpointHealthOptions = {
  /** Milliseconds since 1970. */
  now: () => number;
  /** Endpoints remembered; the least recently successful is forgotten first. */
  capacity?: number;
  memoryMs?: number;
};

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
