export { deliverWebhook } from './deliver-webhook.js';
export { cancelForDeletedWebhook as endDeliveries } from './cancel-for-deleted-webhook.js';
export { replayDeliveries } from './replay-deliveries.js';
export { testWebhook } from './test-webhook.js';
