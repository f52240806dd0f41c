/** Servers close idle connections after five seconds (Node, Apache) or later (nginx: 75). */
const USUAL_MS = 3_000;
/** Sent by the server a moment before, so that the request comes before it closes. */
const MARGIN_MS = 1_000;
const LONGEST_MS = 15_000;

/**
 * How long a connection may be idle until its next request, in milliseconds: what the receiver's `Keep-Alive: timeout=` (RFC
 * 2068 §19.7.1.1, seconds) leaves without its last second, at most 15 s; 3 s where it says nothing. 0: not at all.
 */
export function idleTimeMs(keepAlive: string | undefined): number {
  const [, seconds] = /(?:^|[\s,;])timeout="?(\d{1,9})\b/i.exec(keepAlive ?? '') ?? [];
  if (seconds === undefined) return USUAL_MS;
  return Math.min(Math.max(0, Number(seconds) * 1_000 - MARGIN_MS), LONGEST_MS);
}
