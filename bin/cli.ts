#!/usr/bin/env node
// webhookctl: inspects and replays webhook deliveries. cli/ holds the commands; this entry connects them to the servers.
import { runCommandLine } from '../cli/program.js';
import { createCliDeps } from './webhookctl/create-cli-deps.js';
import { createCliResources } from './webhookctl/cli-resources.js';

// Operators cannot act on the AWS SDK's warning about future Node versions.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

const interruption = new AbortController();
const { signal } = interruption;
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    if (signal.aborted) process.exit(130);
    interruption.abort();
  });
}
// The reader of the pipe has closed it.
process.stdout.on('error', () => interruption.abort());

const resources = createCliResources(process.env, { execArgv: process.execArgv, uid: process.getuid?.() });
const args = process.argv.slice(2);
const live = process.stdout.isTTY && process.stderr.isTTY && !args.includes('--json');
const { stdout, stderr, env } = process;
try {
  process.exitCode = await runCommandLine(createCliDeps(resources, { signal, live }), args, { stdout, stderr, env });
} finally {
  await resources.close();
}
