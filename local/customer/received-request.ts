/** One request that the sample customer received, as its control route and its log show it. */
export interface ReceivedRequest {
  /** Counts from 0 since the customer was started. */
  readonly index: number;
  readonly path: string;
  readonly webhookId: string;
  readonly webhookTimestamp: string;
  /** The `webhook-attempt` header, null without one. */
  readonly attempt: number | null;
  /** Null while the customer has no secret for the path. */
  readonly signatureValid: boolean | null;
  /** Number of requests with this `webhook-id` at this path, this one included. */
  readonly timesSeen: number;
  readonly body: string;
  /** RFC 3339. */
  readonly receivedAt: string;
  /** Null if the request was not answered. */
  readonly answeredStatus: number | null;
}
