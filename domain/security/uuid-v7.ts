/**
 * Makes a UUIDv7 (RFC 9562 §5.7). Ids sort in the order of their creation. The service makes a webhook's id, not the database: the
 * id is part of the authenticated data of the sealed secret and must exist before the row.
 */
export function uuidV7(nowMs: number): string {
  const time = Math.floor(nowMs).toString(16).padStart(12, '0');
  const random = crypto.randomUUID();
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(15)}`;
}
