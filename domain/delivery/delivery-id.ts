/**
 * Delivery ids are UUIDv7 (RFC 9562 §5.7) whose 48 time bits are the JetStream timestamp of the message and whose other
 * bits come from SHA-256 of account, event and webhook. So a redelivered message gets the same ids again.
 * `db/delivery-path/record-deliveries.ts` builds them in SQL, because only the database knows the matching endpoints.
 */

const TIME_BITS_MAX = 2 ** 48 - 1;

/**
 * The smallest id of that millisecond: the lower bound of a partition, a page or a message.
 * @throws RangeError on a timestamp outside 48 bits.
 */
export function firstDeliveryIdAt(timestampMs: number): string {
  if (!Number.isInteger(timestampMs) || timestampMs < 0 || timestampMs > TIME_BITS_MAX)
    throw new RangeError('a delivery id needs a timestamp of 0 to 2^48-1 milliseconds');
  const hex = timestampMs.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

/** Milliseconds since 1970-01-01 at which the delivery's message entered the stream. */
export function deliveryTimeMs(deliveryId: string): number {
  return Number.parseInt(deliveryId.replace('-', '').slice(0, 12), 16);
}
