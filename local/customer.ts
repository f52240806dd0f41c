// Sample customer: receives webhooks, verifies their signatures with its own code, and responds as the URL demands.
// node dist/local/customer.js --port PORT [--host 127.0.0.1] [--quiet] [--dir DIR]
// Prints one JSON line per received request, unless quiet. --dir only makes the process recognizable.
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { createCustomerListener } from './customer/create-customer-listener.js';

const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    host: { type: 'string', default: '127.0.0.1' },
    quiet: { type: 'boolean', default: false },
    dir: { type: 'string' },
  },
});

if (!values.port) {
  process.stderr.write('customer: --port is needed\n');
  process.exit(2);
}

const listener = createCustomerListener((request) => {
  if (!values.quiet) process.stdout.write(`${JSON.stringify(request)}\n`);
});
createServer(listener).listen({ port: Number(values.port), host: values.host });
