// Starts the whole service on this machine and runs a scripted demo. node dist/bin/demo.js [--once] [--events FILE]
// --once: ends after the summary, with exit code 0 only if every number is as expected. Otherwise it stays up until Ctrl-C.
import { readDemoOptions } from '../demo/options.js';
import { runDemo } from '../demo/run-demo.js';
import { createTerminal } from '../demo/terminal.js';

const options = readDemoOptions(process.argv.slice(2));
if (options === undefined) {
  process.stderr.write('usage: npm run demo -- [--once] [--events FILE]\n');
  process.exit(2);
}
// The AWS SDK's warning about future Node versions does not concern the demo.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

const interruption = new AbortController();
const { signal } = interruption;
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    // On a second signal the servers end because this process is gone, and the next run removes its temporary folder.
    if (signal.aborted) process.exit(130);
    interruption.abort();
  });
}
// The reader of the pipe has closed it.
process.stdout.on('error', () => interruption.abort());

const terminal = createTerminal(process.stdout, process.env);
const reportError = (line: string) => void process.stderr.write(`${line}\n`);
process.exitCode = await runDemo({ terminal, env: process.env, signal, reportError }, options);
