export { deliverWebhook } from './deliver-webhook.js';
export { endDeliveries } from './end-deliveries.js';
export { replayDeliveries } from './replay-deliveries.js';
export { testWebhook } from './test-webhook.js';
