import type { DeliverWebhookInput } from '../contracts/workflows/deliver-webhook.js';
import type { Progress } from '../domain/delivery/progress.js';

/** What the endpoints' stories share. */
export interface DeliveryRun {
  readonly input: DeliverWebhookInput;
  /** In the order of the input. */
  readonly deliveries: Progress[];
  /** Deliveries that somebody asked to cancel. */
  readonly cancelRequested: Set<string>;
  /** Endpoints whose waiting deliveries somebody asked to attempt now. */
  readonly wakeRequested: Set<string>;
  /** Deliveries whose attempt is being made. */
  readonly attempting: Set<string>;
}
