// Measures the service on real servers of this machine. node dist/bench/main.js; options: bench-options.ts
// Exit code 1 when a scenario is broken: something lost, repeated or beyond a limit. A target that is missed is told, not
// punished: machines differ.
import { writeFile } from 'node:fs/promises';
import { createBench } from './bench.js';
import { type BenchOptions, benchOptions, USAGE } from './bench-options.js';
import { keepFindings } from './keep-findings.js';
import { faultsOf, type Outcome } from './outcome.js';
import { FINDINGS_FILE, findingsFile, reportOf } from './report.js';
import { QUICK, scenarios } from './scenarios/index.js';
import { sizesOf } from './sizes.js';
import { startWorld } from './start-world.js';
import { tableOf } from './table.js';
import { warmUp } from './warm-up.js';
import { writeChart } from './write-chart.js';

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
const startedAt = Date.now();
const undone: (() => unknown)[] = [];
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const log = (line: string): void => say(`[${((Date.now() - startedAt) / 1_000).toFixed(0).padStart(4)} s] ${line}`);

async function run(options: BenchOptions): Promise<number> {
  const names = namesOf(options);
  const file = findingsFile(options);
  const sizes = sizesOf(options.quick, options.sizes);
  const onEnd = (undo: () => unknown) => void undone.push(undo);
  const world = await startWorld({ ...options, env: process.env, log, onEnd });
  await world.restart(1);
  await warmUp(world);
  log('warm');
  const bench = createBench(world, sizes);
  const outcomes: Outcome[] = [];
  for (const name of names) {
    log(`scenario ${name}`);
    const outcome = await (scenarios[name] as (typeof scenarios)[string])(bench);
    outcomes.push(outcome);
    say(`\n${tableOf(outcome)}\n`);
    // After each: a run that is cut short has told what it knows.
    if (file !== undefined) await writeFile(file, `${JSON.stringify(reportOf(options, outcomes), null, 2)}\n`);
  }
  if (options.profile !== undefined) await keepFindings(world, options.profile);
  const broken = outcomes.flatMap(faultsOf);
  if (options.quick) log('a quick run tries the scenarios out: its figures say nothing');
  log(broken.length === 0 ? 'nothing was lost, repeated or beyond a limit' : `BROKEN:\n${broken.join('\n')}`);
  return broken.length === 0 ? 0 : 1;
}

/**
 * The scenarios of the command line. Default: all, or the quick ones for a quick run.
 * @throws Error that names an unknown scenario.
 */
function namesOf({ only, quick }: BenchOptions): readonly string[] {
  const unknown = only.filter((name) => !(name in scenarios));
  if (unknown.length > 0)
    throw new Error(`not a scenario: ${unknown.join(', ')}; scenarios: ${Object.keys(scenarios).join(', ')}`);
  if (only.length > 0) return only;
  return quick ? QUICK : Object.keys(scenarios);
}

async function chart({ json = FINDINGS_FILE }: BenchOptions): Promise<number> {
  say(`drawn: ${await writeChart(json)}`);
  return 0;
}

async function end(code: number): Promise<void> {
  for (const undo of undone.splice(0).reverse()) {
    // One thing that does not end must not keep the others running.
    await Promise.resolve(undo()).catch((error: unknown) => log(`not ended: ${String(error)}`));
  }
  process.exit(code);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end(130));

try {
  const options = benchOptions(process.argv.slice(2));
  await end(await (options.chart ? chart(options) : run(options)));
} catch (error) {
  process.stderr.write(`${String((error as Error).stack)}\n${USAGE}\n`);
  await end(2);
}
