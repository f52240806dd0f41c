/**
 * A UUIDv7 (RFC 9562 §5.7): webhooks sort by it in the order of their creation. It is made before the row exists, because
 * it is part of what authenticates the sealed secret.
 */
export function newWebhookId(nowMs: number): string {
  const time = Math.floor(nowMs).toString(16).padStart(12, '0');
  const random = crypto.randomUUID();
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(15)}`;
}
