import { DELIVERY_STATUSES } from '../domain/delivery/statuses.js';
import type { Command } from 'commander';
import { reconcile, type ReconcileDeps, type ReconcileOptions, requireAllAccountsVisible } from './reconcile.js';
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

/** Everything that a command can need. Each function opens what it talks to when it is called, and not before. */
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
    /** Codes of an error that nobody foresaw; nothing that could be secret. */
    readonly describeError: (error: unknown) => string;
    /** Creates or repairs streams, consumer and search attributes; says what it did. */
    readonly setUpServers: () => Promise<string[]>;
    /** Serves the reconciliation as metrics until it is interrupted. */
    readonly serveReconciliation: (everyMs: number) => Promise<void>;
  };

/** What the chosen command does, once its output is known. */
export type RunCommand = (deps: CliDeps, output: Output) => Promise<number>;

type Add = (program: Command, choose: (run: RunCommand) => void) => void;

const ACCOUNT = ['--account <id>', 'account of the customer'] as const;
const AS = ['--as <name>', 'who asks, as it will be shown with the attempts', 'operator'] as const;
const REASON = ['--reason <text>', 'why, as it will be shown with the attempts'] as const;
const RATE = ['--rate <n/s>', 'deliveries a second', '5/s'] as const;
const YES = ['--yes', 'send more than ten without asking', false] as const;

const filtered = (command: Command): Command =>
  command
    .option('--webhook <id>', 'of this webhook')
    .option('--type <type>', 'of this event type, or order.* for all below it')
    .option('--status <status>', `one of ${DELIVERY_STATUSES.join(', ')}`)
    .option('--since <time>', 'accepted since: 24h, 7d or a date')
    .option('--until <time>', 'accepted before');

const addDeliveries: Add = (program, choose) => {
  const deliveries = program.command('deliveries').description('look at deliveries');
  filtered(deliveries.command('list').description('one line a delivery, the newest first'))
    .requiredOption(...ACCOUNT)
    .option('--event <id>', 'of this event')
    .option('--limit <n>', 'at most so many', '50')
    .action((options: ListDeliveriesOptions) => choose((deps, output) => printDeliveries(deps, options, output)));
  deliveries
    .command('show <delivery>')
    .description('the story of one delivery')
    .requiredOption(...ACCOUNT)
    .option('--payload', 'with the payload and what the receiver answered', false)
    .action((id: string, options: ShowDeliveryOptions) =>
      choose((deps, output) => showDelivery(deps, [id, options], output)),
    );
  program
    .command('tail')
    .description('attempts of an account as they are finished')
    .requiredOption(...ACCOUNT)
    .option('--webhook <id>', 'of this webhook')
    .option('--failed', 'failed ones only', false)
    .option('--since <duration>', 'of deliveries that are not older', '1h')
    .action((options: TailOptions) => choose((deps, output) => tail(deps, options, output)));
};

const addReplayCommands: Add = (program, choose) => {
  filtered(
    program.command('replay [delivery...]').description('send deliveries again: same webhook-id, whole schedule'),
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
    .description('end a waiting delivery')
    .requiredOption(...ACCOUNT)
    .action((id: string, options: { account: string }) =>
      choose((deps, output) => cancel(deps, [id, options], output)),
    );
};

const addDeadLetters: Add = (program, choose) => {
  const letters = program.command('dead-letters').description('what was given up, from the stream');
  const chosen = (command: Command) =>
    command
      .option(...ACCOUNT)
      .option('--webhook <id>', 'of this webhook')
      .option('--since <time>', 'published since: 24h, 7d or a date', '24h')
      .option('--limit <n>', 'at most so many', '100');
  chosen(letters.command('list').description('one line a letter, the oldest first')).action(
    (options: DeadLetterOptions) => choose((deps, output) => listDeadLetters(deps, options, output)),
  );
  chosen(letters.command('replay').description('send again what the letters name'))
    .requiredOption(...REASON)
    .option(...AS)
    .option(...RATE)
    .option(...YES)
    .action((options: ReplayDeadLettersOptions) => choose((deps, output) => replayDeadLetters(deps, options, output)));
};

const addOffline: Add = (program, choose) => {
  const signing = (command: Command) =>
    command
      .requiredOption('--secret-file <path>', 'file with the secret, - for standard input')
      .requiredOption('--body <path>', 'file with the exact bytes, - for standard input')
      .requiredOption('--id <id>', 'webhook-id');
  signing(program.command('sign').description('the headers for a body; nothing is sent'))
    .option('--timestamp <seconds>', 'webhook-timestamp; now if absent')
    .action((options: SignOptions) => choose((deps, output) => sign(deps, options, output)));
  signing(program.command('verify').description('check a signature; nothing is sent'))
    .requiredOption('--timestamp <seconds>', 'webhook-timestamp')
    .requiredOption('--signature <header>', 'webhook-signature')
    .option('--tolerance <duration>', 'how far the timestamp may be from now')
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

const addOperations: Add = (program, choose) => {
  program
    .command('reconcile')
    .description('hold accepted deliveries against ended and waiting ones')
    .option(...ACCOUNT)
    .option('--day <date>', 'UTC day, today if absent')
    .option('--grace <duration>', 'younger deliveries may still be without workflow', '2m')
    .action((options: ReconcileOptions) => choose((deps, output) => reconcile(deps, options, output)));
  program
    .command('serve-reconciliation')
    .description('the same for the last eight days, as metrics on the internal port')
    .option('--every <duration>', 'how often', '10m')
    .action((options: { every: string }) => choose((deps) => runServeReconciliation(deps, options)));
  program
    .command('doctor')
    .description('check everything that the service depends on')
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

/** Adds every command to the program. `choose` is told what to run when one is recognised. */
export const addCommands: Add = (program, choose) => {
  for (const add of [addDeliveries, addReplayCommands, addDeadLetters, addOffline, addOperations]) add(program, choose);
};
