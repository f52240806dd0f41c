/** One request that the sample customer received, as it tells it to whoever asks. */
export interface ReceivedRequest {
  /** Counts from 0 since the customer was started. */
  readonly index: number;
  readonly path: string;
  readonly webhookId: string;
  readonly webhookTimestamp: string;
  /** The `webhook-attempt` header, null without one. */
  readonly attempt: number | null;
  /** Null as long as the customer was told no secret for the path. */
  readonly signatureValid: boolean | null;
  /** How often this `webhook-id` came to this path, this time included. */
  readonly timesSeen: number;
  readonly body: string;
  /** RFC 3339. */
  readonly receivedAt: string;
  /** Null when it was left without an answer. */
  readonly answeredStatus: number | null;
}
