// A key service with the protocol of AWS KMS for demo and tests. Its master keys lie in a plain file and are not
// protected, so it refuses to run in production.
// node dist/local/kms-server.js --dir DIR --port PORT [--host 127.0.0.1] [--key-id UUID] [--region eu-central-1]
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { createKmsListener } from './kms/create-kms-listener.js';
import { openKeyStore } from './kms/key-store.js';

const { values } = parseArgs({
  options: {
    dir: { type: 'string' },
    port: { type: 'string' },
    host: { type: 'string', default: '127.0.0.1' },
    'key-id': { type: 'string', default: '6b1a5cde-0000-4000-8000-000000000001' },
    region: { type: 'string', default: 'eu-central-1' },
  },
});

if (process.env['NODE_ENV'] === 'production') {
  process.stderr.write(
    'The local key service keeps its keys in a plain file: it does not run with NODE_ENV=production\n',
  );
  process.exit(1);
}
if (!values.dir || !values.port) {
  process.stderr.write('kms-server: --dir and --port are needed\n');
  process.exit(2);
}

const keys = openKeyStore({ dir: values.dir, region: values.region, firstKeyId: values['key-id'] });
const server = createServer(createKmsListener(keys));
server.listen({ port: Number(values.port), host: values.host });
