// The gates of `npm run check`, as many at a time as there are cores. All of them run, also after one has failed; the output
// of a gate appears as a whole when it ends. Each gate is a script of package.json and can be run alone.
//
//   node .ci/check.mjs            all gates
//   node .ci/check.mjs lint …     these only
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** The longest first, so that the last one to end does not run alone for long. */
const GATES = ['lint', 'typecheck', 'format', 'build', 'boundaries', 'spelling', 'language', 'unused', 'commits'];

const named = process.argv.slice(2);
const waiting = named.length > 0 ? named : GATES;
const failed = [];

/** Resolves with the output of a script and whether it ended with 0. */
function runScript(name) {
  return new Promise((resolve, reject) => {
    const child = spawn('npm', ['run', '--silent', name], { stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ passed: code === 0, output: Buffer.concat(chunks).toString() }));
  });
}

async function runWaiting() {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    const start = performance.now();
    const { passed, output } = await runScript(name);
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.log(`${passed ? 'passed' : 'FAILED'}  ${name} (${seconds} s)\n${output}`);
    if (!passed) failed.push(name);
  }
}

await Promise.all(Array.from({ length: availableParallelism() }, runWaiting));
if (failed.length > 0) {
  console.error(`failed: ${failed.join(', ')}`);
  process.exitCode = 1;
}
