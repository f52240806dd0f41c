import type { Command } from 'commander';
import { reconcile, type ReconcileDeps, type ReconcileOptions, requireAllAccountsVisible } from './reconcile.js';
import { ACCOUNT, addFilterOptions, AS, RATE, REASON, YES } from './command-options.js';
import { cancel, type CancelDeps } from './cancel.js';
import {
  type DeadLetterOptions,
  type DeadLettersDeps,
  listDeadLetters,
  replayDeadLetters,
  type ReplayDeadLettersOptions,
} from './dead-letters.js';
import { type DoctorCheck, runDoctor } from './doctor.js';
import { emit, type EmitDeps, type EmitOptions } from './emit.js';
import { EXIT } from './exit-codes.js';
import { printDeliveries, type ListDeliveriesDeps, type ListDeliveriesOptions } from './list-deliveries.js';
import type { Output } from './output.js';
import { parseDuration } from './parse-time.js';
import { replay, type ReplayOptions } from './replay.js';
import type { ReplayTaskDeps } from './replay-task.js';
import { retry, type RetryDeps, type RetryOptions } from './retry.js';
import type { ReplayAtRateDeps } from './replay-at-rate.js';
import { showDelivery, type ShowDeliveryDeps, type ShowDeliveryOptions } from './show-delivery.js';
import { sign, type SigningDeps, type SignOptions } from './sign.js';
import { tail, type TailDeps, type TailOptions } from './tail.js';
import { verify, type VerifyOptions } from './verify.js';

/**
 * The dependencies of all commands. Each function opens its connection on the first call, so that a command connects only to
 * the servers that it uses.
 */
export type CliDeps = ReconcileDeps &
  CancelDeps &
  DeadLettersDeps &
  EmitDeps &
  ListDeliveriesDeps &
  ReplayTaskDeps &
  RetryDeps &
  ReplayAtRateDeps &
  ShowDeliveryDeps &
  SigningDeps &
  TailDeps & {
    readonly doctorChecks: readonly DoctorCheck[];
    /** Type and codes of an unexpected error, without texts that could hold a secret. */
    readonly describeError: (error: unknown) => string;
    /** Creates or repairs streams, consumer and search attributes. Resolves with one line per step. */
    readonly setUpServers: () => Promise<string[]>;
    /** Serves the reconciliation as metrics until it is interrupted. */
    readonly serveReconciliation: (everyMs: number) => Promise<void>;
  };

/** The selected command, ready to run with its dependencies and its output. */
export type RunCommand = (deps: CliDeps, output: Output) => Promise<number>;

type AddCommands = (program: Command, choose: (run: RunCommand) => void) => void;

const addDeliveries: AddCommands = (program, choose) => {
  const deliveries = program.command('deliveries').description('list and show deliveries');
  addFilterOptions(deliveries.command('list').description('one line per delivery, newest first'))
    .requiredOption(...ACCOUNT)
    .option('--event <id>', 'only of this event')
    .option('--limit <n>', 'maximum number of lines', '50')
    .action((options: ListDeliveriesOptions) => choose((deps, output) => printDeliveries(deps, options, output)));
  deliveries
    .command('show <delivery>')
    .description('show one delivery with its attempts')
    .requiredOption(...ACCOUNT)
    .option('--payload', 'include the payload and the answers of the endpoint', false)
    .action((id: string, options: ShowDeliveryOptions) =>
      choose((deps, output) => showDelivery(deps, [id, options], output)),
    );
  program
    .command('tail')
    .description('follow finished attempts of an account')
    .requiredOption(...ACCOUNT)
    .option('--webhook <id>', 'only of this webhook')
    .option('--failed', 'only failed attempts', false)
    .option('--since <duration>', 'only of deliveries accepted within this time', '1h')
    .action((options: TailOptions) => choose((deps, output) => tail(deps, options, output)));
};

const addReplayCommands: AddCommands = (program, choose) => {
  addFilterOptions(
    program.command('replay [delivery...]').description('replay deliveries: same webhook-id, full retry schedule'),
  )
    .requiredOption(...ACCOUNT)
    .requiredOption(...REASON)
    .option(...AS)
    .option(...RATE)
    .option(...YES)
    .action((ids: string[], options: ReplayOptions) => choose((deps, output) => replay(deps, [ids, options], output)));
  program
    .command('retry <delivery>')
    .description('make the next attempt of a waiting delivery now')
    .requiredOption(...ACCOUNT)
    .option(...AS)
    .action((id: string, options: RetryOptions) => choose((deps, output) => retry(deps, [id, options], output)));
  program
    .command('cancel <delivery>')
    .description('cancel a waiting delivery')
    .requiredOption(...ACCOUNT)
    .action((id: string, options: { account: string }) =>
      choose((deps, output) => cancel(deps, [id, options], output)),
    );
};

const addDeadLetters: AddCommands = (program, choose) => {
  const letters = program.command('dead-letters').description('list or replay dead letters of the stream');
  const addLetterOptions = (command: Command) =>
    command
      .option(...ACCOUNT)
      .option('--webhook <id>', 'only of this webhook')
      .option('--since <time>', 'published since: 24h, 7d or a date', '24h')
      .option('--limit <n>', 'maximum number of lines', '100');
  addLetterOptions(letters.command('list').description('one line per dead letter, oldest first')).action(
    (options: DeadLetterOptions) => choose((deps, output) => listDeadLetters(deps, options, output)),
  );
  addLetterOptions(letters.command('replay').description('replay the deliveries named in the dead letters'))
    .requiredOption(...REASON)
    .option(...AS)
    .option(...RATE)
    .option(...YES)
    .action((options: ReplayDeadLettersOptions) => choose((deps, output) => replayDeadLetters(deps, options, output)));
};

const addOffline: AddCommands = (program, choose) => {
  const addSigningOptions = (command: Command) =>
    command
      .requiredOption('--secret-file <path>', 'file with the secret, - for standard input')
      .requiredOption('--body <path>', 'file with the exact bytes, - for standard input')
      .requiredOption('--id <id>', 'webhook-id');
  addSigningOptions(program.command('sign').description('print the headers for a body; sends nothing'))
    .option('--timestamp <seconds>', 'webhook-timestamp; now if absent')
    .action((options: SignOptions) => choose((deps, output) => sign(deps, options, output)));
  addSigningOptions(program.command('verify').description('check a signature; sends nothing'))
    .requiredOption('--timestamp <seconds>', 'webhook-timestamp')
    .requiredOption('--signature <header>', 'webhook-signature')
    .option('--tolerance <duration>', 'maximum difference between the timestamp and now')
    .action((options: VerifyOptions) => choose((deps, output) => verify(deps, options, output)));
  program
    .command('emit')
    .description('publish a test event on webhook.dispatch')
    .requiredOption(...ACCOUNT)
    .requiredOption('--type <type>', 'event type')
    .option('--id <id>', 'event id; a new one if absent')
    .option('--data <path>', 'file with the data as JSON, - for standard input')
    .action((options: EmitOptions) => choose((deps, output) => emit(deps, options, output)));
};

const addOperations: AddCommands = (program, choose) => {
  program
    .command('reconcile')
    .description('reconcile accepted deliveries with their outcomes and workflows')
    .option(...ACCOUNT)
    .option('--day <date>', 'UTC day, today if absent')
    .option('--grace <duration>', 'deliveries younger than this may not have a workflow yet', '2m')
    .action((options: ReconcileOptions) => choose((deps, output) => reconcile(deps, options, output)));
  program
    .command('serve-reconciliation')
    .description('serve reconciliation of the last eight days as metrics on the internal port')
    .option('--every <duration>', 'time between two runs', '10m')
    .action((options: { every: string }) => choose((deps) => runServeReconciliation(deps, options)));
  program
    .command('doctor')
    .description('check every dependency of the service')
    .action(() => choose((deps, output) => runDoctor(deps, output)));
  program
    .command('setup')
    .description('create or repair streams, consumer and search attributes')
    .action(() => choose(setUp));
};

const runServeReconciliation = async (deps: CliDeps, { every }: { every: string }): Promise<number> => {
  await requireAllAccountsVisible(deps);
  await deps.serveReconciliation(parseDuration(every));
  return EXIT.ok;
};

const setUp: RunCommand = async (deps, output) => {
  for (const done of await deps.setUpServers()) output.writeResult({ done }, done);
  return EXIT.ok;
};

/** Adds every command to the program. `choose` receives the command that the command line names. */
export const addCommands: AddCommands = (program, choose) => {
  for (const add of [addDeliveries, addReplayCommands, addDeadLetters, addOffline, addOperations]) add(program, choose);
};
