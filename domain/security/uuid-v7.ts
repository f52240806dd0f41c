/**
 * A new UUIDv7 (RFC 9562 §5.7): ids sort in the order of their creation. It is made before its row exists, because a webhook's
 * id is part of what authenticates its sealed secret.
 */
export function uuidV7(nowMs: number): string {
  const time = Math.floor(nowMs).toString(16).padStart(12, '0');
  const random = crypto.randomUUID();
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(15)}`;
}
