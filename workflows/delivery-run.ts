import type { DeliverWebhookInput } from '../contracts/workflows/deliver-webhook.js';
import type { Progress } from '../domain/delivery/progress.js';

/** What the endpoints' stories share. */
export interface DeliveryRun {
  input: DeliverWebhookInput;
  /** In the order of the input. */
  deliveries: Progress[];
  /** Deliveries that somebody asked to cancel. */
  cancelRequested: Set<string>;
  /** Endpoints whose waiting deliveries somebody asked to attempt now. */
  wakeRequested: Set<string>;
  /** Deliveries whose attempt is being made. */
  attempting: Set<string>;
}
