import { join } from 'node:path';
import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { freePort } from './process/free-port.js';
import { packageRoot } from './process/package-root.js';
import { startChild, type Child, type ChildEnvironment } from './process/start-child.js';
import { waitUntilReady } from './process/wait-until-ready.js';
import { restartablePart, type Part } from './restartable-part.js';

export interface LocalKms extends Part {
  /** `http://127.0.0.1:<port>`. */
  readonly endpoint: string;
  /** ARN of the master key, as KMS returns it in every response. */
  readonly keyId: string;
  readonly region: string;
  /** Any credentials are accepted, but the SDK requires some. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export interface StartKmsOptions {
  /** An existing folder for the master keys and the log. */
  readonly dir: string;
  /** Read for NODE_ENV: the server refuses to run in production. */
  readonly env: ChildEnvironment;
  readonly log: (line: string) => void;
}

const region = 'eu-central-1';
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };

/** Starts the KMS-compatible endpoint (`dist/local/kms-server.js`) on a free port. Master keys survive `restart()`. */
export const startKms = async ({ dir, env, log }: StartKmsOptions): Promise<LocalKms> => {
  const started = Date.now();
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const keyId = `arn:aws:kms:${region}:000000000000:key/6b1a5cde-0000-4000-8000-000000000001`;
  const script = join(packageRoot(), 'dist', 'local', 'kms-server.js');
  const logFile = join(dir, 'kms.log');
  const launch = async (): Promise<Child> => {
    const child = await startChild({
      name: 'KMS',
      command: process.execPath,
      args: [script, '--dir', dir, '--port', String(port), '--region', region],
      cwd: dir,
      env: { NODE_ENV: env['NODE_ENV'] },
      logFile,
    });
    await waitUntilReady({ name: 'KMS', child, probe: () => describeKey(endpoint, keyId) });
    return child;
  };
  const part = await restartablePart(logFile, launch);
  log(`KMS endpoint answers on 127.0.0.1:${port} (${Date.now() - started} ms)`);
  return Object.assign(part, { endpoint, keyId, region, credentials });
};

const describeKey = async (endpoint: string, keyId: string): Promise<void> => {
  const client = new KMSClient({ endpoint, region, credentials, maxAttempts: 1 });
  try {
    await client.send(new DescribeKeyCommand({ KeyId: keyId }));
  } finally {
    client.destroy();
  }
};
