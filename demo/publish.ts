// Publishes one event to a running demo: node dist/demo/publish.js NATS_URL ACCOUNT_ID [TYPE]
import { randomUUID } from 'node:crypto';
import { connect } from 'nats';

const [servers, accountId, type = 'message.delivered'] = process.argv.slice(2);
if (servers === undefined || accountId === undefined) {
  process.stderr.write('usage: node dist/demo/publish.js NATS_URL ACCOUNT_ID [TYPE]\n');
  process.exit(2);
}
const event = {
  id: `evt_${randomUUID().slice(0, 6)}`,
  accountId,
  type,
  timestamp: new Date().toISOString(),
  // The country code +999 is not assigned.
  data: { channel: 'sms', to: '+999000000999', status: type.split('.').at(-1) },
};
const nats = await connect({ servers, maxReconnectAttempts: 0 });
const { stream, seq } = await nats.jetstream().publish('webhook.dispatch', JSON.stringify(event));
process.stdout.write(`published ${event.id} ${type} (message ${seq} of stream ${stream})\n`);
await nats.close();
